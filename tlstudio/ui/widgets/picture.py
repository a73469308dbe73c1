"""One image, whole, as large as there is room for."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.thumbnails import Thumbnails, Wish
from tlstudio.ui.widgets.thumb_paint import RADIUS
from tlstudio.ui.words import tr

_WISH_PX = 256


class Picture(QWidget):
    """Shows the thumbnail of a content, or a better picture of it once there is one."""

    def __init__(self, thumbnails: Thumbnails, *, square: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._content_hash = ""
        self._better: QImage | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred if square else QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(square)
        self.setSizePolicy(policy)
        thumbnails.arrived.connect(self.update)
        thumbnails.stale.connect(self._ask)

    def show_content(self, content_hash: str, *, name: str) -> None:
        """Show another image."""
        if content_hash != self._content_hash:
            self._content_hash = content_hash
            self._better = None
        self.setAccessibleName(tr("Image {name}", name=name))
        self._ask()
        self.update()

    @property
    def num_pixels(self) -> int:
        """Of the picture that is shown now."""
        image = self._image()
        return 0 if image is None else image.width() * image.height()

    def show_better(self, content_hash: str, image: QImage) -> None:
        """A picture with more pixels came, if it is still the one that is wanted."""
        if content_hash == self._content_hash:
            self._better = image
            self.update()

    def _ask(self) -> None:
        self._thumbnails.want(self, [whole(self._content_hash)] if self._content_hash else [])

    def heightForWidth(self, width: int) -> int:
        return width

    def sizeHint(self) -> QSize:
        return QSize(220, 220)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        image = self._image()
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.fillPath(shape, theme.color("sunk"))
        if image is None:
            painter.setPen(theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "" if self._content_hash else tr("No preview"))
            return
        painter.setClipPath(shape)
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(), size.height())
        painter.drawImage(box, image)

    def _image(self) -> QImage | None:
        return self._better or (self._thumbnails.get(whole(self._content_hash)) if self._content_hash else None)


def whole(content_hash: str) -> Wish:
    """The thumbnail that a `Picture` of this content begins with; who knows what comes next wishes for it ahead."""
    return Wish(content_hash, _WISH_PX, "whole", 0)
