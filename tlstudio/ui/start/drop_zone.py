"""The large target of the start page."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr


class DropZone(QFrame):
    """Says what to drop; the whole window takes it, this only shows so."""

    choose_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_active = False
        self.setFixedHeight(184)
        column = QVBoxLayout(self)
        column.setSpacing(SPACE_2)
        column.addStretch(1)
        column.addWidget(Text(tr("Drop a folder of images here"), role="title"), 0, Qt.AlignmentFlag.AlignHCenter)
        sentence = Text(tr("One sub-folder for each class, or all in one to label later. Folders with train, val and test parts work too."))
        sentence.setProperty("role", "muted")
        sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(sentence)
        column.addSpacing(SPACE_1)
        self.choose = button(tr("Choose a folder…"), kind="primary", on_click=self.choose_requested.emit)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)

    def show_active(self, active: bool) -> None:
        """Whether something is being held over the window."""
        self._is_active = active
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("accent" if self._is_active else "line"), 2)
        pen.setDashPattern([3, 2.4])
        painter.setPen(pen)
        painter.setBrush(theme.color("accent_soft" if self._is_active else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS_LARGE, theme.RADIUS_LARGE)
