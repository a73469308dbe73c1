"""One picture that was made for this place, cut to its central square."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.widgets.thumb_paint import RADIUS

_LEAST_PX = 48


class SquarePicture(QWidget):
    """As large as there is room for, or of a fixed side; sunk ground until there is a picture."""

    def __init__(self, *, name: str, side_px: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(_LEAST_PX, _LEAST_PX)
        if side_px is not None:
            self.setFixedSize(side_px, side_px)

    def heightForWidth(self, width: int) -> int:
        return width

    def show_image(self, image: QImage) -> None:
        """Show another one."""
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.fillPath(shape, theme.color("sunk"))
        if not self.image.isNull():
            painter.setClipPath(shape)
            side = min(self.image.width(), self.image.height())
            middle = QRectF((self.image.width() - side) / 2, (self.image.height() - side) / 2, side, side)
            painter.drawImage(QRectF(self.rect()), self.image, middle)
