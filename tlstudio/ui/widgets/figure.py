"""One large figure with its name and what qualifies it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.text import Text


class FigureCard(Card):
    """A card such as "Accuracy / 93.9 % / 90.1 – 97.2"; `is_small` is for rows of many."""

    def __init__(self, label: str, value: str = "–", sub: str = "", *, is_small: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(spacing=2, margin=14, parent=parent)
        self._label = Text(label, role="muted")
        self._value = Text(value, role="title" if is_small else "figure")
        self._sub = Text(sub, role="small", wrap=is_small)
        self._sub.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self._label, self._value, self._sub):
            self.body.addWidget(part)
        self.set_figure(value, sub)

    def set_figure(self, value: str, sub: str = "", *, is_bad: bool = False) -> None:
        """Show another figure."""
        self._sub.set_role("bad" if is_bad else "small")
        self._value.setText(value)
        self._sub.setText(sub)
        self.setAccessibleName(f"{self._label.text()}: {value} {sub}".strip())
