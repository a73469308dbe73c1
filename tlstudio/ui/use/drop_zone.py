"""Where images are dropped or pasted."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text, set_look
from tlstudio.ui.words import tr

_HEIGHT_PX = 58


class DropZone(QFrame):
    """A dashed frame with one button; the panel around it takes the drops."""

    choose_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "drop")
        self.setFixedHeight(_HEIGHT_PX)
        self.setAccessibleName(tr("Drop images here, or paste"))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_4, 0, SPACE_4, 0)
        row.setSpacing(SPACE_2)
        self.words = Text(tr("Drop images here, or paste"), role="muted")
        self.button = button(tr("Choose files…"), kind="link", on_click=self.choose_asked.emit)
        row.addStretch(1)
        row.addWidget(self.words)
        row.addWidget(self.button)
        row.addStretch(1)

    def set_active(self, active: bool) -> None:
        """Whether something is being dragged over the panel."""
        set_look(self, active="true" if active else "false")
