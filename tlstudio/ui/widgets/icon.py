"""Line icons from resources/icons, tinted with a colour of the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from tlstudio.paths import resources
from tlstudio.ui import theme


def icon_pixmap(name: str, *, token: str = "text", size_px: int = 20, ratio: float = 1.0) -> QPixmap:
    """The icon as a pixmap of `size_px` logical pixels in the colour of a token."""
    return _render(name, theme.color(token).name(), size_px, ratio)


@lru_cache(maxsize=256)
def _render(name: str, color: str, size_px: int, ratio: float) -> QPixmap:
    source = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    pixmap = QPixmap(QSize(size_px, size_px) * ratio)
    pixmap.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class Icon(QWidget):
    """An icon that follows the theme; decorative, so it has no name of its own."""

    def __init__(self, name: str, *, token: str = "muted", size_px: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._token = token
        self._size_px = size_px
        self.setFixedSize(size_px, size_px)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_token(self, token: str) -> None:
        """Tint it with another colour."""
        self._token = token
        self.update()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        pixmap = icon_pixmap(self._name, token=self._token, size_px=self._size_px, ratio=self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawPixmap(QRectF(self.rect()), pixmap, QRectF(pixmap.rect()))
