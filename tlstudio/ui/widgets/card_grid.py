"""Lists of pictures with words below them, in columns: how they are set up, how large a card is, how its picture is painted."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle

from tlstudio.ui import theme

GAP_PX = 12
RADIUS_PX = 8
_MAX_CELL_PX = 300
_FRAME = (("surface", 3.0, 2.0), ("accent", 1.0, 2.5))
"""Token, inset and width of the two lines around a selected picture: seen on any image."""


def set_up_card_grid(view: QListView, *, name: str) -> None:
    """Cards in rows that fill the width, scrolled by pixels; `name` is for the screen reader."""
    view.setAccessibleName(name)
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setMovement(QListView.Movement.Static)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setMouseTracking(True)
    view.verticalScrollBar().setSingleStep(40)


def card_size(view: QListView, *, wish_px: int, caption_px: int) -> QSize:
    """The size of a card with its gap: as many columns of about `wish_px` as fit, pictures as large as the room allows."""
    # The list keeps room for its scroll bar, whether it is there or not, and wraps a row that fills the rest exactly.
    bar = view.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, view.verticalScrollBar())
    width = view.maximumViewportSize().width() - bar - 2 * view.frameWidth() - 2
    columns = max(1, round(width / wish_px))
    cell = max(2 * GAP_PX, min(_MAX_CELL_PX, width // columns))
    return QSize(cell, cell + caption_px)


def paint_picture(painter: QPainter, box: QRectF, image: QImage | None) -> None:
    """The picture, or a quiet ground while there is none."""
    if image is not None:
        painter.drawImage(box, image)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("sunk"))
    painter.drawRoundedRect(box, RADIUS_PX, RADIUS_PX)


def paint_frame(painter: QPainter, box: QRectF) -> None:
    """The mark of a selected picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for token, inset, width in _FRAME:
        painter.setPen(QPen(theme.color(token), width))
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), RADIUS_PX - 1, RADIUS_PX - 1)
