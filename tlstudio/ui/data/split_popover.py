"""Dividing again: three shares and what they mean, in a small card under its button."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from tlstudio.domain.splits import SplitPlan
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr


class SplitPopover(QWidget):
    """Training is what validation and test leave over."""

    wanted = Signal(object)
    """A `SplitPlan`."""

    def __init__(self, plan: SplitPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._plan = plan
        card = Card(tr("Divide the images again"), spacing=SPACE_2)
        card.setFixedWidth(380)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        sentence = tr(
            "Each class is divided by these shares; copies stay together. Images you put somewhere by hand stay there. Ctrl+Z undoes."
        )
        card.body.addWidget(Text(sentence, role="muted", wrap=True))
        self.train = Text(role="strong")
        self.val = _share(tr("Share of validation in percent"), 15 if plan.given else round(100 * plan.val))
        self.test = _share(tr("Share of test in percent"), 15 if plan.given else round(100 * plan.test))
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_3)
        grid.setColumnStretch(1, 1)
        for row, (name, why, control) in enumerate(
            (
                (tr("Train"), tr("learns"), self.train),
                (tr("Validation"), tr("chooses the best model"), self.val),
                (tr("Test"), tr("judges at the end, once"), self.test),
            )
        ):
            grid.addWidget(Text(name), row, 0)
            grid.addWidget(Text(why, role="muted"), row, 1)
            grid.addWidget(control, row, 2)
        card.body.addLayout(grid)
        row = QHBoxLayout()
        row.addStretch(1)
        self.go = button(tr("Divide again"), kind="primary", on_click=self._on_go)
        row.addWidget(self.go)
        card.body.addLayout(row)
        for box in (self.val, self.test):
            box.valueChanged.connect(self._refresh)
        self._refresh()

    def open_below(self, widget: QWidget) -> None:
        """Show it under a button, within the window."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height() + SPACE_2))
        self.move(corner)
        self.show()
        self.val.setFocus()

    def _refresh(self) -> None:
        left = 100 - self.val.value() - self.test.value()
        self.train.setText(f"{left} %")
        self.go.setEnabled(left > 0)

    def _on_go(self) -> None:
        val, test = self.val.value() / 100, self.test.value() / 100
        self.wanted.emit(SplitPlan(train=round(1 - val - test, 6), val=val, test=test, seed=self._plan.seed))
        self.close()


def _share(name: str, percent: int) -> QSpinBox:
    box = QSpinBox()
    box.setAccessibleName(name)
    box.setRange(0, 60)
    box.setSuffix(" %")
    box.setValue(percent)
    box.setFixedWidth(72)
    return box
