"""A few small pictures side by side, as many as there is room for: what a line of text speaks of."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.theme import SPACE_1
from tlstudio.ui.thumbnails import Thumbnails, Wish

SIDE_PX = 40
_RADIUS = 5


class ThumbRow(QWidget):
    """Paints what is there; asks for the rest."""

    def __init__(self, thumbnails: Thumbnails, content_hashes: Sequence[str], *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._most = len(content_hashes)
        self.content_hashes = tuple(content_hashes)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        thumbnails.arrived.connect(self.update)
        thumbnails.stale.connect(self._ask)

    def let_go(self) -> None:
        """It is not shown any more: nobody need fetch for it."""
        self._thumbnails.want(self, ())

    def set_most(self, num: int) -> None:
        """Show no more than these, however much room there is."""
        if num != self._most:
            self._most = num
            self.updateGeometry()

    @property
    def num_shown(self) -> int:
        """Whole pictures only."""
        return min(self._num, (self.width() + SPACE_1) // (SIDE_PX + SPACE_1))

    def pictures_are_there(self) -> bool:
        """Whether none is still on its way."""
        return all(self._thumbnails.get(self._wish(place)) is not None for place in range(self.num_shown))

    def sizeHint(self) -> QSize:
        return QSize(max(0, self._num * (SIDE_PX + SPACE_1) - SPACE_1), SIDE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(SIDE_PX if self.content_hashes else 0, SIDE_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ask()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("sunk"))
        num = self.num_shown
        left = self.width() - num * (SIDE_PX + SPACE_1) + SPACE_1
        for place in range(num):
            box = QRect(left + place * (SIDE_PX + SPACE_1), 0, SIDE_PX, SIDE_PX)
            image = self._thumbnails.get(self._wish(place))
            if image is None:
                painter.drawRoundedRect(QRectF(box), _RADIUS, _RADIUS)
            else:
                painter.drawImage(box, image)
                self._outline(painter, box)

    def _outline(self, painter: QPainter, box: QRect) -> None:
        """A thin line, without which a white picture could not be told from the card."""
        painter.save()
        painter.setPen(theme.color("line"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.restore()

    @property
    def _num(self) -> int:
        return min(self._most, len(self.content_hashes))

    def _ask(self) -> None:
        self._thumbnails.want(self, [self._wish(place) for place in range(self.num_shown)])

    def _wish(self, place: int) -> Wish:
        ratio = self.devicePixelRatioF()
        return Wish(self.content_hashes[place], round(SIDE_PX * ratio), "square", round(_RADIUS * ratio))
