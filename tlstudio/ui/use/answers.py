"""The images that were asked about, each with its answer below."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlstudio.ui import theme
from tlstudio.ui.tasks.painter import TaskPainter
from tlstudio.ui.thumbnails import Wish, cut
from tlstudio.ui.use.viewmodel import Asked
from tlstudio.ui.widgets.card_grid import GAP_PX, RADIUS_PX, card_size, paint_frame, paint_picture, set_up_card_grid
from tlstudio.ui.widgets.item_list import ITEM_ROLE, Index, ItemListModel
from tlstudio.ui.words import percent, say, tr

_CARD_PX = 176


class AnswerGrid(QListView):
    """Cards with picture, class, probability and bar; an unreadable file says why."""

    def __init__(self, painter: TaskPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = painter
        answers = {Qt.ItemDataRole.AccessibleTextRole: self._words, Qt.ItemDataRole.ToolTipRole: self._tip}
        self._model = ItemListModel(key=lambda item: item.id, answers=answers, parent=self)
        self._sources: dict[Path, QImage | None] = {}
        self._cut: dict[tuple[Path, int], QImage] = {}
        self.setModel(self._model)
        self.setItemDelegate(_AnswerDelegate(painter, self))
        set_up_card_grid(self, name=tr("Answers, newest first"))

    @property
    def items(self) -> tuple[Asked, ...]:
        return self._model.items

    def show_items(self, items: Sequence[Asked]) -> None:
        """Show other images or answers."""
        self._model.set_items(items)
        kept = {item.file for item in items}
        self._sources = {file: image for file, image in self._sources.items() if file in kept}
        self._cut = {key: image for key, image in self._cut.items() if key[0] in kept}
        self._fit()

    def show_preview(self, file: Path, image: QImage | None) -> None:
        """The small picture of a file has come."""
        self._sources[file] = image
        self._cut = {key: kept for key, kept in self._cut.items() if key[0] != file}
        self.viewport().update()

    def picture(self, file: Path) -> QImage | None:
        """The picture at the size of a card."""
        source = self._sources.get(file)
        if source is None:
            return None
        ratio = self.devicePixelRatioF()
        size = round(self.picture_px() * ratio)
        if (file, size) not in self._cut:
            self._cut[(file, size)] = cut(source, Wish("", size, "square", round(RADIUS_PX * ratio)))
        return self._cut[(file, size)]

    def picture_px(self) -> int:
        """Side of a picture in logical pixels."""
        return max(16, self.gridSize().width() - GAP_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _words(self, item: Asked) -> str:
        if item.reason is not None:
            return f"{item.file.name}: {say(item.reason)}"
        if item.is_waiting:
            return tr("{file}: waiting for the answer", file=item.file.name)
        return self._painter.answer_words(item.file.name, item.name, item.probability)

    def _tip(self, item: Asked) -> str:
        return "\n".join([self._words(item), *(f"{name} {percent(share)}" for name, share in item.others)])

    def _fit(self) -> None:
        self.setGridSize(card_size(self, wish_px=_CARD_PX, caption_px=self._painter.answer_height_px))


class _AnswerDelegate(QStyledItemDelegate):
    """Paints one card."""

    def __init__(self, task_painter: TaskPainter, view: AnswerGrid) -> None:
        super().__init__(view)
        self._task_painter = task_painter
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: Asked = index.data(ITEM_ROLE)
        side = self._view.picture_px()
        box = QRectF(option.rect.left(), option.rect.top(), side, side)
        below = QRectF(box.left(), box.bottom(), side, self._task_painter.answer_height_px)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        paint_picture(painter, box, self._view.picture(item.file))
        if option.state & QStyle.StateFlag.State_Selected:
            paint_frame(painter, box)
        if item.reason is not None:
            _paint_reason(painter, box, below, item)
        elif item.is_waiting:
            _paint_line(painter, below, tr("…"), token="muted")
        else:
            self._task_painter.paint_answer(painter, below, item.name, item.probability)
        painter.restore()


def _paint_reason(painter: QPainter, box: QRectF, below: QRectF, item: Asked) -> None:
    """The file's name in place of a class, the reason in place of a picture."""
    assert item.reason is not None
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color("bad_text"))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(box.adjusted(10, 10, -10, -10), flags, say(item.reason))
    _paint_line(painter, below, item.file.name, token="muted")


def _paint_line(painter: QPainter, below: QRectF, text: str, *, token: str) -> None:
    painter.setFont(theme.font())
    painter.setPen(theme.color(token))
    shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, int(below.width()))
    painter.drawText(below.adjusted(0, 4, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, shown)
