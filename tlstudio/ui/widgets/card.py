"""The white card that panels are made of."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_3, SPACE_4
from tlstudio.ui.widgets.text import Text


class Card(QFrame):
    """A rounded surface with an optional title; add content to `body`."""

    def __init__(self, title: str = "", *, margin: int = SPACE_4, spacing: int = SPACE_3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(spacing)
        self.head = QHBoxLayout()
        self.head.setSpacing(SPACE_3)
        self.title = Text(title, role="strong")
        if title:
            self.head.addWidget(self.title)
            self.head.addStretch(1)
            self.body.addLayout(self.head)
            self.setAccessibleName(title)
