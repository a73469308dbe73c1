"""A field to search in: a pill with a magnifying glass."""

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from tlstudio.ui.widgets.icon import icon_pixmap

_AFTER_MS = 120


class SearchField(QLineEdit):
    """`searched` follows a moment after the last letter; Esc clears; Esc and Enter say that typing is over."""

    searched = Signal(str)
    left = Signal()

    def __init__(self, name: str, *, hint: str, width: int = 190, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "search")
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setFixedWidth(width)
        self.setTextMargins(18, 0, 0, 0)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(lambda: self.searched.emit(self.text()))
        self.textChanged.connect(lambda _text: self._timer.start())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.clear()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        pixmap = icon_pixmap("search", token="muted", size_px=14, ratio=self.devicePixelRatioF())
        QPainter(self).drawPixmap(QRectF(10, (self.height() - 14) / 2, 14, 14), pixmap, QRectF(pixmap.rect()))
