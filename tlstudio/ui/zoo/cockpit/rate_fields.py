"""A small field for the learning rate of each stage that trains."""

from PySide6.QtCore import QLocale, QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.flow import FlowLayout
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.rates import rate_words
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_WIDTH_PX, _FIELD_PX, _GAP_PX = 126, 62, 12


class RateField(QWidget):
    """The name of a stage and its rate; read when Enter is pressed or it is left."""

    edited = Signal(int, float)
    """The stage, counted from the last, and its rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self.name = Text(role="muted")
        self.field = QLineEdit()
        self.field.setFixedWidth(_FIELD_PX)
        self.field.setAccessibleName(tr("Learning rate of a stage"))
        self.setFixedWidth(_WIDTH_PX)
        row.addWidget(self.name, 1)
        row.addWidget(self.field)
        self.field.editingFinished.connect(self._on_finished)
        self._shown = ""
        self._from_head = 0

    def show_rate(self, from_head: int, name: str, rate: float) -> None:
        """Show this stage."""
        words = rate_words(rate)
        if (from_head, name, words) == (self._from_head, self.name.text(), self._shown):
            return
        self._from_head, self._shown = from_head, words
        self.name.setText(name)
        self.field.setAccessibleName(tr("Learning rate of {name}", name=name))
        with QSignalBlocker(self.field):
            self.field.setText(self._shown)

    def _on_finished(self) -> None:
        text = self.field.text().strip()
        if text == self._shown:
            return
        value, is_read = QLocale().toDouble(text)
        if is_read and value > 0:
            self._shown = text
            self.edited.emit(self._from_head, value)
        else:
            self.field.setText(self._shown)


class RateFields(QWidget):
    """A field for each stage, in the order of the drawing; shown where it trains, so that a move of the slider changes only a few."""

    rate_edited = Signal(int, float)
    """The stage, counted from the last, and its rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(spacing=_GAP_PX, line_spacing=SPACE_2, parent=self)
        self.fields: list[RateField] = []

    def show_model(self, model: CockpitModel) -> None:
        """Show the rates of the stages that train."""
        while len(self.fields) < model.num_stages:
            self._add()
        for place, field in enumerate(self.fields):
            box = model.boxes[place] if place < model.num_stages else None
            if box is not None and box.rate is not None:
                field.show_rate(model.num_stages - 1 - place, box.name, box.rate)
            if field.isHidden() == (box is not None and box.rate is not None):
                field.setVisible(field.isHidden())

    def _add(self) -> None:
        field = RateField(self)
        field.hide()
        field.edited.connect(self.rate_edited)
        self.fields.append(field)
        self._flow.addWidget(field)
