"""How one tile of a grid looks."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

from tlstudio.ui import theme

_TAG_GROUND = QColor(20, 22, 28, 190)
_TAG_INK = QColor(255, 255, 255)
RADIUS = 6


@dataclass(frozen=True, kw_only=True)
class Tile:
    """What a tile shows of a sample."""

    name: str
    """What a screen reader says, and the tool tip."""
    content_hash: str = ""
    tag: str = ""
    """A word in the lower left corner: the class."""
    dot: str = ""
    """A token of the theme: a dot in the upper right corner, such as "split_val"."""
    problem: str = ""
    """A word instead of a picture, such as "unreadable"."""
    is_dimmed: bool = False


class TilePainter:
    """Paints tiles with one painter; fonts and metrics are made once a repaint."""

    def __init__(self, painter: QPainter) -> None:
        self._painter = painter
        self._font: QFont = theme.font(theme.TINY)
        self._metrics = QFontMetrics(self._font)
        self._accent = theme.color("accent")
        self._empty = theme.color("sunk")
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(self._font)

    def paint(self, rect: QRect, tile: Tile, image: QImage | None, *, selected: bool, current: bool) -> None:
        """One tile in `rect`; the frame of a selected one lies around it."""
        painter = self._painter
        if image is not None:
            painter.setOpacity(0.45 if tile.is_dimmed else 1.0)
            painter.drawImage(rect, image)
            painter.setOpacity(1.0)
        else:
            self._paint_empty(rect, tile)
        if tile.tag and rect.width() >= 56:
            self._paint_tag(rect, tile.tag)
        if tile.dot:
            self._paint_dot(rect, tile.dot)
        if selected:
            self._frame(rect, QPen(self._accent, 2.5))
        elif current:
            self._frame(rect, QPen(theme.color("muted"), 1.5, Qt.PenStyle.DotLine))

    def _paint_empty(self, rect: QRect, tile: Tile) -> None:
        painter = self._painter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._empty)
        painter.drawRoundedRect(QRectF(rect), RADIUS, RADIUS)
        if tile.problem:
            painter.setPen(theme.color("muted"))
            inner = rect.adjusted(6, 6, -6, -24 if tile.tag else -6)
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), tile.problem)

    def _paint_tag(self, rect: QRect, tag: str) -> None:
        painter = self._painter
        shown = self._metrics.elidedText(tag, Qt.TextElideMode.ElideRight, rect.width() - 18)
        box = QRectF(rect.left() + 4, rect.bottom() - 21, self._metrics.horizontalAdvance(shown) + 10, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_TAG_GROUND)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(_TAG_INK)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_dot(self, rect: QRect, token: str) -> None:
        painter = self._painter
        painter.setPen(QPen(QColor(255, 255, 255, 200), 1))
        painter.setBrush(theme.color(token))
        painter.drawEllipse(QRectF(rect.right() - 13.5, rect.top() + 5.5, 9, 9))

    def _frame(self, rect: QRect, pen: QPen) -> None:
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(QRectF(rect).adjusted(-2.2, -2.2, 2.2, 2.2), RADIUS + 2, RADIUS + 2)
