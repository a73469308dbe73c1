"""The images behind a cell, in a grid: what was answered, what is true, and a label that is corrected on the spot."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QWidget

from tlstudio.ui.evaluate.gallery_paint import GalleryDelegate, verdict_area
from tlstudio.ui.evaluate.viewmodel import GalleryItem
from tlstudio.ui.tasks.painter import TaskPainter
from tlstudio.ui.thumbnails import Thumbnails, Wish
from tlstudio.ui.widgets.card_grid import GAP_PX, RADIUS_PX, card_size, set_up_card_grid
from tlstudio.ui.widgets.item_list import ItemListModel
from tlstudio.ui.words import tr

_CARD_PX = 224
_SPOKEN = (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)


class Gallery(QListView):
    """Reports what a person wants; knows nothing of projects."""

    label_asked = Signal(object, QPoint)
    """Sample ids whose class is to be chosen, and where (global)."""
    class_typed = Signal(object, int)
    """Sample ids and the number key, 1-9."""
    large_asked = Signal()
    """Space on an image."""
    images_selected = Signal(object)
    """Sample ids a person selected."""

    def __init__(self, thumbnails: Thumbnails, painter: TaskPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails
        self.painter = painter
        words = {role: lambda item: painter.verdict_words(item.verdict) for role in _SPOKEN}
        self._model = ItemListModel(key=lambda item: item.sample, answers=words, parent=self)
        self.setModel(self._model)
        self._delegate = GalleryDelegate(painter, cell_size=self.gridSize, picture_px=self.picture_px, picture=self._picture, parent=self)
        self.setItemDelegate(self._delegate)
        set_up_card_grid(self, name=tr("Images of the chosen cell, most confident first"))
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.verticalScrollBar().valueChanged.connect(self._want)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        thumbnails.arrived.connect(self.viewport().update)
        thumbnails.stale.connect(self._want)

    def show_items(self, items: Sequence[GalleryItem]) -> None:
        """Show other images."""
        self._model.set_items(items)
        self._fit()

    @property
    def items(self) -> tuple[GalleryItem, ...]:
        return self._model.items

    def selected_samples(self) -> tuple[int, ...]:
        """Ids of the selected images that are still in the project."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return tuple(self.items[row].sample for row in rows if not self.items[row].is_gone)

    def picture_px(self) -> int:
        """Side of a picture in logical pixels."""
        return max(16, self.gridSize().width() - GAP_PX)

    def _picture(self, item: GalleryItem) -> QImage | None:
        return self.thumbnails.get(self._wish(item)) if item.content_hash else None

    def _wish(self, item: GalleryItem) -> Wish:
        ratio = self.devicePixelRatioF()
        return Wish(item.content_hash, round(self.picture_px() * ratio), "square", round(RADIUS_PX * ratio))

    def label_rect(self, row: int) -> QRect:
        """Where the label of an image can be clicked, in the viewport."""
        area = verdict_area(self.visualRect(self._model.index(row)), picture_px=self.picture_px(), painter=self.painter)
        return self.painter.label_area(area, self.items[row].verdict).toAlignedRect()

    def event(self, event: QEvent) -> bool:
        # The number keys are shortcuts of another panel; where images are selected here they are meant for these.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._number(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if number := self._number(event):
            self.class_typed.emit(self.selected_samples(), number)
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.large_asked.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu) and self.selected_samples():
            rect = self.visualRect(self.currentIndex())
            self.label_asked.emit(self.selected_samples(), self.viewport().mapToGlobal(rect.bottomLeft()))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._label_at(event.position().toPoint())
        if row is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        index = self._model.index(row)
        if not self.selectionModel().isSelected(index):
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.label_asked.emit(self.selected_samples(), self.viewport().mapToGlobal(self.label_rect(row).bottomLeft()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._label_at(event.position().toPoint()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _number(self, event: QKeyEvent) -> int:
        """The number key 1-9 where images are selected, else 0."""
        number = event.key() - Qt.Key.Key_0
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return number if 1 <= number <= 9 and plain and self.selected_samples() else 0

    def _label_at(self, place: QPoint) -> int | None:
        index = self.indexAt(place)
        return index.row() if index.isValid() and self.label_rect(index.row()).contains(place) else None

    def _hover(self, row: int | None) -> None:
        if row != self._delegate.hovered_label:
            self._delegate.hovered_label = row
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.PointingHandCursor)
            self.viewport().update()

    def _fit(self) -> None:
        """Cards follow the width."""
        self.setGridSize(card_size(self, wish_px=_CARD_PX, caption_px=self.painter.verdict_height_px))
        self._want()

    def _want(self) -> None:
        view = self.viewport().rect()
        first = self.indexAt(QPoint(4, 4))
        start = first.row() if first.isValid() else 0
        columns = max(1, view.width() // max(1, self.gridSize().width()))
        num = columns * (view.height() // max(1, self.gridSize().height()) + 3)
        self.thumbnails.want(self, [self._wish(item) for item in self.items[start : start + num]])

    def _on_selection_changed(self) -> None:
        self.images_selected.emit(self.selected_samples())
