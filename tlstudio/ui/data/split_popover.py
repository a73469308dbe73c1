"""Dividing again: three shares, a seed and what they would do, in a small card under its button."""

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.operations.split_preview import SplitPreview
from tlstudio.ui.data import split_words
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.popup_place import show_at
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import number, tr

_WAIT_MS = 150
_USUAL = 15
_MOST_SEED = 9999
WIDTH_PX = 420


class SplitPopover(QWidget):
    """Training is what validation and test leave over. Reports `looked` whenever the choice settles, `wanted` when it is to be done."""

    looked = Signal(object, bool)
    wanted = Signal(object, bool)
    """Both a `SplitPlan`, and whether the test set is kept as it is."""
    closed = Signal()

    def __init__(self, dataset: Dataset, *, num_openings: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        plan = dataset.plan
        self._is_given = plan.given
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_WAIT_MS)
        self._pause.timeout.connect(lambda: self.looked.emit(self.plan(), self.keep_test.isChecked()))
        self.how = Text(tr("Looking at what belongs together…"), role="muted", wrap=True)
        self.train = Text(role="strong")
        self.val = _box(tr("Share of validation in percent"), _USUAL if plan.given else round(100 * plan.val))
        self.test = _box(tr("Share of test in percent"), _USUAL if plan.given else round(100 * plan.test))
        self.counts = {split: Text(role="muted") for split in Split}
        self.keep_test = QCheckBox(tr("Keep the test set as it is"))
        self.kept = Text(split_words.kept_words(dataset, num_openings=num_openings), role="muted")
        has_test = dataset.num_by_split[Split.TEST] > 0
        self.keep_test.setChecked(has_test and (num_openings > 0 or plan.given))
        for part in (self.keep_test, self.kept):
            part.setVisible(has_test)
        self.seed = _box(tr("Seed"), plan.seed, suffix="", most=max(_MOST_SEED, plan.seed + 1))
        self.another = button(tr("Another division"), kind="link", on_click=lambda: self.seed.setValue(self.seed.value() + 1))
        self.effect = Text(wrap=True)
        self.given = Text(role="warn", wrap=True)
        self.given.setVisible(plan.given)
        self.missing = Text(role="warn", wrap=True)
        self.missing.hide()
        self.go = button(tr("Divide again"), kind="primary", on_click=self._on_go)
        self._lay_out()
        for box in (self.val, self.test, self.seed):
            box.valueChanged.connect(self._on_changed)
        self.keep_test.toggled.connect(self._on_changed)
        self._on_changed()

    def plan(self) -> SplitPlan:
        """What is chosen."""
        val, test = self.val.value() / 100, self.test.value() / 100
        return SplitPlan(train=max(0.0, round(1 - val - test, 6)), val=val, test=test, seed=self.seed.value())

    def show_preview(self, preview: SplitPreview) -> None:
        """What the choice would do; of an older choice it is not shown."""
        if preview.plan != self.plan() or preview.keep_test is not self.keep_test.isChecked():
            return
        self.how.setText(split_words.how_words(preview))
        for split, text in self.counts.items():
            text.setText(number(preview.num_by_split[split]))
        self.effect.setText(split_words.effect_words(preview))
        self.given.setText(split_words.given_words(keep_test=preview.keep_test))
        words = split_words.missing_words(preview)
        self.missing.setText(words)
        self.missing.setVisible(bool(words))
        self.go.setEnabled(preview.can_train and preview.num_moving > 0)
        self.adjustSize()

    def open_below(self, widget: QWidget) -> None:
        """Show it under a button, its right side where that of the button is."""
        self.adjustSize()
        show_at(self, QPoint(widget.width() - self.width(), widget.height() + SPACE_2), of=widget)
        self.val.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _lay_out(self) -> None:
        card = Card(tr("Divide the images again"), spacing=SPACE_2)
        card.setFixedWidth(WIDTH_PX)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        card.body.addWidget(self.how)
        card.body.addLayout(self._shares())
        for parts in ((self.keep_test, None, self.kept), (Text(tr("Seed")), self.seed, self.another)):
            row = QHBoxLayout()
            row.setSpacing(SPACE_2)
            for part in parts:
                row.addStretch(1) if part is None else row.addWidget(part)
            if parts[1] is not None:
                row.addStretch(1)
            card.body.addLayout(row)
        card.body.addWidget(rule())
        for text in (self.effect, self.missing, self.given):
            card.body.addWidget(text)
        row = QHBoxLayout()
        row.addWidget(Text(tr("Ctrl+Z undoes"), role="small"))
        row.addStretch(1)
        row.addWidget(self.go)
        card.body.addLayout(row)

    def _shares(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_3)
        grid.setColumnStretch(1, 1)
        rows = (
            (Split.TRAIN, tr("Train"), tr("learns"), self.train),
            (Split.VAL, tr("Validation"), tr("chooses the best model"), self.val),
            (Split.TEST, tr("Test"), tr("judges at the end, once"), self.test),
        )
        for row, (split, name, why, control) in enumerate(rows):
            grid.addWidget(Text(name), row, 0)
            grid.addWidget(Text(why, role="muted"), row, 1)
            grid.addWidget(self.counts[split], row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(control, row, 3, Qt.AlignmentFlag.AlignHCenter)
            grid.setRowMinimumHeight(row, self.val.sizeHint().height())
        return grid

    def _on_changed(self) -> None:
        left = 100 - self.val.value() - self.test.value()
        self.train.setText(f"{left} %")
        self.test.setEnabled(not self.keep_test.isChecked())
        self.go.setEnabled(False)
        if left <= 0:
            self._pause.stop()
            self.effect.setText(tr("Nothing would be left to learn from."))
            return
        self._pause.start()

    def _on_go(self) -> None:
        self.wanted.emit(self.plan(), self.keep_test.isChecked())
        self.close()


def _box(name: str, value: int, *, suffix: str = " %", most: int = 60) -> QSpinBox:
    box = QSpinBox()
    box.setAccessibleName(name)
    box.setRange(0, most)
    box.setSuffix(suffix)
    box.setValue(value)
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setFixedWidth(72)
    return box
