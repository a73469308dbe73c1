"""One image over the whole panel: arrows move on, keys class it, Space or Esc puts it away."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.theme import SPACE_3, SPACE_4
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.covering import Covering
from tlstudio.ui.widgets.picture import Picture
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import tr

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class LargeView(QWidget):
    """Covers the panel while it is open."""

    stepped = Signal(int)
    closed = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Large view"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture = Picture(thumbnails, square=False)
        self.name = ElidedText(role="heading")
        self.tag = Badge(tone="accent")
        self.place = Text(role="muted")
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        row.addWidget(self.name, 1)
        row.addWidget(self.tag)
        row.addWidget(self.place)
        row.addWidget(button(tr("Close"), on_click=self.put_away, small=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_3)
        column.addLayout(row)
        column.addWidget(self.picture, 1)
        self.keys = Text(tr("Space or Esc closes · arrow keys go on"), role="small")
        column.addWidget(self.keys, 0, Qt.AlignmentFlag.AlignHCenter)
        self.covering = Covering(self)

    def open(self) -> None:
        """Cover the panel."""
        self.covering.open()

    def show_image(self, content_hash: str, *, name: str, tag: str, place: str) -> None:
        """Show one image with its name, its class and where in the row it stands."""
        self.picture.show_content(content_hash, name=name)
        self.name.set_text(name)
        self.tag.setText(tag or tr("no class"))
        self.place.setText(place)

    def put_away(self) -> None:
        """Show the panel again."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.put_away()
        elif event.key() in _STEPS:
            self.stepped.emit(_STEPS[event.key()])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.put_away()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.color("ground"))
