"""A virtual grid of thumbnails: it knows ids and asks for what is visible, nothing else."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from tlstudio.ui import theme
from tlstudio.ui.thumbnails import Thumbnails, Wish
from tlstudio.ui.widgets.thumb_keys import target_of
from tlstudio.ui.widgets.thumb_layout import GridLayout
from tlstudio.ui.widgets.thumb_mouse import ThumbMouse
from tlstudio.ui.widgets.thumb_paint import RADIUS, Tile, TilePainter
from tlstudio.ui.widgets.thumb_selection import ThumbSelection
from tlstudio.ui.words import tr

Describe = Callable[[int], Tile]

_ACTIVATE = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ThumbGrid(QAbstractScrollArea):
    """Tiles for a list of sample ids, with selection by mouse, rubber band and keys. A hundred thousand cost no more than ten."""

    selection_changed = Signal(tuple)
    """The selected ids in the order shown."""
    activated = Signal(int)
    """Space, Enter or a double click on an id."""
    menu_requested = Signal(QPoint)
    """A right click or the menu key, at a place on the screen."""

    def __init__(self, name: str, thumbnails: Thumbnails, *, tile_size: int = 96, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setAccessibleName(tr("Scroll the images"))
        self.verticalScrollBar().valueChanged.connect(self.refresh)
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(self.viewport().update)
        thumbnails.stale.connect(self.refresh)
        self._wish = tile_size
        self.describe: Describe = _nameless
        """What an id shows; asked for visible ids only."""
        self.state = ThumbSelection()
        self.layout_now = GridLayout(width=100, num_tiles=0, wish=tile_size)
        self.mouse = ThumbMouse(self)

    def set_tiles(self, ids: Sequence[int], describe: Describe) -> None:
        """Show these ids; `describe` is asked for the visible ones only, at every repaint."""
        self.describe = describe
        shrank = self.state.set_ids(ids)
        self._relayout()
        if shrank:
            self.tell()

    def refresh(self) -> None:
        """The same ids may look different now: wish for what is on the screen and on the next one, and paint."""
        visible = self._visible()
        ahead = range(visible.stop, min(visible.stop + len(visible), len(self.state.ids)))
        tiles = [self.describe(self.state.ids[index]) for part in (visible, ahead) for index in part]
        ratio = self.devicePixelRatioF()
        self._thumbnails.want(self, [_wish_for(tile, self.layout_now, ratio) for tile in tiles if tile.content_hash])
        self.viewport().update()

    def set_tile_size(self, size_px: int) -> None:
        """About how large a tile should be; the row that was on top stays on top."""
        first = self.layout_now.between(self.top(), self.top()).start
        self._wish = size_px
        self._relayout()
        self.verticalScrollBar().setValue(self.layout_now.rect(first).top() - self.layout_now.margin)

    def selection(self) -> tuple[int, ...]:
        """The selected ids in the order shown."""
        return self.state.ordered()

    def current(self) -> int | None:
        """The id the keys speak to."""
        return None if self.state.current is None else self.state.ids[self.state.current]

    def select(self, ids: Sequence[int], *, show: bool = True) -> None:
        """Select these without telling anybody; scroll to the first where `show`."""
        self.state.set_selected(ids)
        if show and ids and self.state.current is not None:
            self.reveal(self.state.current)
        self._name_current()
        self.viewport().update()

    def step(self, num: int) -> int | None:
        """Select the tile that many further on and say so; its id."""
        if self.state.ids:
            self.state.choose(min(max((self.state.current or 0) + num, 0), len(self.state.ids) - 1))
            self.tell()
        return self.current()

    def visible_ids(self) -> list[int]:
        """The ids on the screen."""
        return [self.state.ids[index] for index in self._visible()]

    def rect_of(self, id: int) -> QRect:
        """Where an id's tile is in the viewport."""
        return self.layout_now.rect(self.state.ids.index(id)).translated(0, -self.top())

    def top(self) -> int:
        """How far it is scrolled, in pixels of the content."""
        return self.verticalScrollBar().value()

    def reveal(self, index: int) -> None:
        """Scroll so far that a tile is wholly there."""
        rect, bar = self.layout_now.rect(index), self.verticalScrollBar()
        low = rect.bottom() + self.layout_now.margin - self.viewport().height()
        bar.setValue(min(max(bar.value(), low + 1), rect.top() - self.layout_now.margin))

    def tell(self) -> None:
        """The selection was changed here: show it, bring the current tile into view, tell who listens."""
        if self.state.current is not None and self.mouse.band is None:
            self.reveal(self.state.current)
        self._name_current()
        self.viewport().update()
        self.selection_changed.emit(self.selection())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        tiles = TilePainter(painter)
        state, layout, top, ratio = self.state, self.layout_now, self.top(), self.devicePixelRatioF()
        for index in layout.between(event.rect().top() + top - 4, event.rect().bottom() + top + 4):
            id = state.ids[index]
            tile = self.describe(id)
            image = self._thumbnails.get(_wish_for(tile, layout, ratio)) if tile.content_hash else None
            current = index == state.current and self.hasFocus()
            tiles.paint(layout.rect(index).translated(0, -top), tile, image, selected=id in state.selected, current=current)
        if self.mouse.band is not None:
            _paint_band(painter, self.mouse.band.translated(0, -top))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._relayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.state.selected = set(self.state.ids)
            self.tell()
        elif event.key() == Qt.Key.Key_Escape and self.state.selected:
            self.state.selected = set()
            self.tell()
        elif event.key() in _ACTIVATE and self.current() is not None:
            self.activated.emit(self.current())
        elif (target := target_of(event.key(), self.state.current, self.layout_now, self.viewport().height())) is not None:
            move = self.state.extend if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self.state.choose
            move(target)
            self.tell()
        else:
            super().keyPressEvent(event)

    def _relayout(self) -> None:
        self.layout_now = GridLayout(width=self.viewport().width(), num_tiles=len(self.state.ids), wish=self._wish)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.layout_now.height - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(max(8, self.layout_now.pitch // 3))
        self.refresh()

    def _visible(self) -> range:
        return self.layout_now.between(self.top(), self.top() + self.viewport().height() - 1)

    def _name_current(self) -> None:
        """A screen reader hears the tile the keys speak to."""
        id = self.current()
        self.setAccessibleDescription("" if id is None else self.describe(id).name)


def _nameless(_id: int) -> Tile:
    return Tile(name="")


def _wish_for(tile: Tile, layout: GridLayout, ratio: float) -> Wish:
    return Wish(tile.content_hash, round(layout.tile * ratio), "square", round(RADIUS * ratio))


def _paint_band(painter: QPainter, band: QRect) -> None:
    fill = theme.color("accent")
    painter.setPen(QPen(fill, 1))
    fill.setAlpha(30)
    painter.setBrush(fill)
    painter.drawRect(band)
