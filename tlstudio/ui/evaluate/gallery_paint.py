"""How an image of the gallery is painted: its picture, and the words of the task below it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tlstudio.ui.evaluate.viewmodel import GalleryItem
from tlstudio.ui.tasks.painter import TaskPainter
from tlstudio.ui.widgets.card_grid import paint_frame, paint_picture
from tlstudio.ui.widgets.item_list import ITEM_ROLE, Index


def verdict_area(cell: QRect, *, picture_px: int, painter: TaskPainter) -> QRectF:
    """The lines below the picture of a cell."""
    return QRectF(cell.left(), cell.top() + picture_px, picture_px, painter.verdict_height_px)


class GalleryDelegate(QStyledItemDelegate):
    """A picture with the words of the task below it. `picture` gives what there is of an image."""

    def __init__(
        self,
        task_painter: TaskPainter,
        *,
        cell_size: Callable[[], QSize],
        picture_px: Callable[[], int],
        picture: Callable[[GalleryItem], QImage | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._task_painter = task_painter
        self._cell_size = cell_size
        self._picture_px = picture_px
        self._picture = picture
        self.hovered_label: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._cell_size()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: GalleryItem = index.data(ITEM_ROLE)
        side = self._picture_px()
        box = QRectF(option.rect.left(), option.rect.top(), side, side)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        paint_picture(painter, box, self._picture(item))
        if option.state & QStyle.StateFlag.State_Selected:
            paint_frame(painter, box)
        area = verdict_area(option.rect, picture_px=side, painter=self._task_painter)
        self._task_painter.paint_verdict(painter, area, item.verdict, is_label_hovered=self.hovered_label == index.row())
        painter.restore()
