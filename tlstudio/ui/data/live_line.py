"""The line under the images that says how good a model of these labels would be, with its matrix and its switch."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.data.live_words import LiveState
from tlstudio.ui.theme import SPACE_1, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import tr


class LiveLine(QWidget):
    """Renders what the live model says; hidden before there is anything to follow."""

    matrix_wanted = Signal()
    switched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ElidedText(role="muted", by_parts=False)
        self.matrix = button(tr("Show matrix"), kind="link", on_click=self.matrix_wanted.emit)
        self.off = button(tr("Switch off"), kind="link", name=tr("Switch the live model off"), on_click=lambda: self.switched.emit(False))
        self.on = button(tr("Switch on"), kind="link", name=tr("Switch the live model on"), on_click=lambda: self.switched.emit(True))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_1, 0, SPACE_1, 0)  # as the tiles of the grid stand
        row.setSpacing(SPACE_3)
        row.addWidget(self.words, 1)
        for part in (self.matrix, self.off, self.on):
            row.addWidget(part)
        self.setAccessibleName(tr("Live model"))
        self.setToolTip(
            tr(
                "A new head on the frozen network, solved again after each change of a label and judged on validation. "
                "Nothing of it is kept: train to get a run."
            )
        )
        self.hide()

    def show_state(self, state: LiveState, *, is_on: bool, is_possible: bool) -> None:
        """Show the newest figures, or why there are none."""
        words = state.words
        if not is_possible:
            words = tr("No live model: this computer has too little memory to keep a process ready for it")
        elif not is_on:
            words = tr("Live model is off")
        self.words.set_text(words)
        works = is_possible and is_on
        self.matrix.setVisible(works and state.has_matrix)
        self.off.setVisible(works)
        self.on.setVisible(is_possible and not is_on)
        self.setVisible(bool(words))
