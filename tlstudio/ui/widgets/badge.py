"""A small word on a soft ground."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui.widgets.text import Text, set_look


class Badge(Text):
    """A state in a word: `tone` is neutral, accent, good, warn or bad. The word says it; the colour only repeats it."""

    def __init__(self, text: str = "", *, tone: str = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(text, role="badge", parent=parent)
        self.setProperty("tone", tone)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, text: str, *, tone: str) -> None:
        """Another word in another tone."""
        self.setText(text)
        set_look(self, tone=tone)
