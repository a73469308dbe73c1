"""A small field for the learning rate of each stage that trains."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.ui.recipe.numbers import read_number
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.flow import FlowLayout
from tlstudio.ui.widgets.text import Text, set_look
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.rates import rate_words
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_WIDTH_PX, _FIELD_PX, _GAP_PX = 136, 76, 12


class RateField(QWidget):
    """The name of a stage and its rate; read when Enter is pressed or it is left."""

    edited = Signal(int, float)
    """The stage, counted from the last, and its rate."""
    marked = Signal()
    """What is typed is refused, or no longer."""

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
        self.field.editingFinished.connect(self.finish)
        self._shown = ""
        self.from_head = 0
        self.is_refused = False

    def show_rate(self, from_head: int, name: str, rate: float) -> None:
        """Show this stage; what could not be read stays until the stage has another rate."""
        words = rate_words(rate)
        if (from_head, name, words) == (self.from_head, self.name.text(), self._shown):
            return
        self.from_head, self._shown = from_head, words
        self.name.setText(name)
        self.field.setAccessibleName(tr("Learning rate of {name}", name=name))
        self._put_back()

    def refuse(self) -> None:
        """Leave what was typed, and mark it."""
        self._mark(True)

    def finish(self) -> None:
        """Read what is being typed, as if the field were left: a click on a button does not take the focus."""
        text = self.field.text().strip()
        if text == self._shown:
            self._mark(False)
            return
        try:
            rate = read_number(text)
        except ValueError:
            self.refuse()
            return
        if rate_words(rate) == self._shown:
            self._put_back()
        else:
            self.edited.emit(self.from_head, rate)

    def _put_back(self) -> None:
        with QSignalBlocker(self.field):
            self.field.setText(self._shown)
            self.field.setCursorPosition(0)
        self._mark(False)

    def _mark(self, is_refused: bool) -> None:
        if is_refused != self.is_refused:
            self.is_refused = is_refused
            set_look(self.field, tone="bad" if is_refused else "")
            self.field.setAccessibleDescription(_may_be() if is_refused else "")
            self.marked.emit()


class RateFields(QWidget):
    """A field for each stage, in the order of the drawing; shown where it trains, so that a move of the slider changes only a few."""

    rate_edited = Signal(int, float)
    """The stage, counted from the last, and its rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        self._flow = FlowLayout(spacing=_GAP_PX, line_spacing=SPACE_2)
        column.addLayout(self._flow)
        self.refusal = Text(_may_be(), role="bad", wrap=True)
        self.refusal.hide()
        column.addWidget(self.refusal)
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
        self._on_marked()

    def refuse(self, from_head: int) -> None:
        """The rate of this stage was not allowed."""
        for field in self._shown():
            if field.from_head == from_head:
                field.refuse()

    def first_refused(self) -> RateField | None:
        """The first that holds what was refused, once what is being typed in any of them has been read."""
        for field in self._shown():
            field.finish()
        return next((field for field in self._shown() if field.is_refused), None)

    def _shown(self) -> list[RateField]:
        return [field for field in self.fields if not field.isHidden()]

    def _on_marked(self) -> None:
        self.refusal.setVisible(any(field.is_refused for field in self._shown()))

    def _add(self) -> None:
        field = RateField(self)
        field.hide()
        field.edited.connect(self.rate_edited)
        field.marked.connect(self._on_marked)
        self.fields.append(field)
        self._flow.addWidget(field)


def _may_be() -> str:
    spec = SETTINGS["stage_rates"]
    return tr(
        "A learning rate is a number from {low} to {high}, such as 1e-5.", low=rate_words(spec.minimum), high=rate_words(spec.maximum)
    )
