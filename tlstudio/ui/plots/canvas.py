"""The drawing area of a live plot, on pyqtgraph's view box and axes. Imported when the first plot is shown."""

from collections.abc import Callable, Sequence
from math import log10
from typing import TypeVar

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPen
from PySide6.QtWidgets import QWidget

from tlstudio.ui import theme
from tlstudio.ui.plots.axis_names import AxisNames
from tlstudio.ui.plots.curves import CurveSpec, Mark
from tlstudio.ui.plots.items import CrosshairItem, CurveItem, GridItem, PixelItem
from tlstudio.ui.plots.marks import MARK_ROW_PX, MarkItem
from tlstudio.ui.plots.series import Series

Tick = tuple[float, str]
Range = tuple[float, float]
Item = TypeVar("Item", bound=PixelItem)

_AXIS_HEIGHT, _NAME_HEIGHT = 20, 16
_TOP_PX, _RIGHT_PX = 4, 14


class Canvas(pg.PlotWidget):
    """Axes, grid, curves, marks and a crosshair. Nothing can be dragged or scaled by accident."""

    hovered = Signal(object, object)
    """Value of x under the mouse (None: the mouse left) and its place in this widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The right-click menu belongs to the whole plot.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._view: pg.ViewBox = self.getViewBox()
        self._view.disableAutoRange()
        self._view.setDefaultPadding(0.0)
        self._is_log = False
        self.names = AxisNames(self)
        self._ranges: tuple[Range, Range, bool] | None = None
        self._ticks: tuple[tuple[Tick, ...], tuple[Tick, ...], bool] = ((), (), False)
        self.grid = GridItem(self._view)
        self.marks = MarkItem(self._view)
        self.crosshair = CrosshairItem(self._view)
        self.curves: dict[str, CurveItem] = {}
        self._added: list[PixelItem] = []
        self.num_word_rows = -1
        """Rows of words of marks that there is room for above the axes."""
        _make_room_above(self, 0)
        self._view.sigResized.connect(self._on_view_resized)
        self.getAxis("bottom").setHeight(_AXIS_HEIGHT)
        self.apply_theme()

    # --- what is shown

    def set_curves(self, specs: Sequence[CurveSpec]) -> None:
        """These curves and no others; each is drawn by `show_series`."""
        for item in self.curves.values():
            self.scene().removeItem(item)
        self.curves = {spec.id: CurveItem(self._view, spec) for spec in specs}
        self._tell_scale()

    def add_item(self, kind: type[Item]) -> Item:
        """One more thing over the axes; it takes part in changes of size and colours."""
        item = kind(self._view)  # type: ignore[call-arg]
        self._added.append(item)
        return item

    def set_ranges(self, x: tuple[float, float], y: tuple[float, float], *, is_log: bool = False) -> None:
        """The values at the edges; those of y as decimal logarithms where `is_log`."""
        if (x, y, is_log) == self._ranges:
            return
        self._ranges = (x, y, is_log)
        if is_log != self._is_log:
            self._is_log = is_log
            self._tell_scale()
        self._view.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def set_ticks(self, x: Sequence[Tick], y: Sequence[Tick]) -> None:
        """Words on the axes; a line of the grid at each of `y`."""
        wanted = (tuple(x), tuple(y), self._is_log)
        if self._ticks == wanted:
            return
        self._ticks = wanted
        self.grid.set_ticks(tuple(at for at, _word in y))
        self.getAxis("left").setTicks([[(log10(at), word) for at, word in y] if self._is_log else list(y)])
        self.getAxis("bottom").setTicks([list(x)])

    def set_names(self, x: str, y: str) -> None:
        """What each axis tells; their units are with the numbers."""
        if (x, y) == self.names.words:
            return
        self.names.words = (x, y)
        self.getAxis("bottom").setHeight(_AXIS_HEIGHT + (_NAME_HEIGHT if x else 0))
        self.names.refresh()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Lines where something happened, their words above the axes; the axes of the plot beside it stay at the same height."""
        self.marks.show_marks(marks)
        beside = self.names.beside()
        both = [self] if beside is None or beside.isHidden() else [self, beside]
        for canvas in both:
            _make_room_above(canvas, max(item.marks.words.num_rows for item in both))

    def show_series(self, id: str, series: Series, words: Callable[[float], str]) -> None:
        """Draw one curve anew; a single point is written out in `words`."""
        self.curves[id].show_series(series, words)

    @property
    def x_range(self) -> tuple[float, float]:
        """The values at the left and the right edge of what is drawn."""
        low, high = self._view.viewRange()[0]
        return float(low), float(high)

    @property
    def axes_px(self) -> QSize:
        """The room within the axes."""
        return self._view.rect().size().toSize()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            axis.setTickPen(QPen(Qt.PenStyle.NoPen))
            axis.setTextPen(QPen(theme.color("muted")))
            axis.label.setFont(theme.font(theme.TINY))
            axis.label.setDefaultTextColor(theme.color("muted"))
            axis.enableAutoSIPrefix(False)
            axis.setStyle(
                tickFont=theme.font(theme.TINY),
                tickTextOffset=6,
                tickLength=0,
                tickAlpha=0,
                autoExpandTextSpace=True,
                hideOverlappingLabels=False,
            )
        for item in self._items:
            item.apply_theme()
        self.viewport().update()

    def _tell_scale(self) -> None:
        for item in self._items:
            item.is_log = self._is_log

    @property
    def _items(self) -> tuple[PixelItem, ...]:
        return (self.grid, self.marks, self.marks.words, self.crosshair, *self.curves.values(), *self._added)

    # --- the mouse

    def value_at(self, place: QPoint) -> float | None:
        """The x under a point of this widget; None outside the axes."""
        inside = self._view.mapFromScene(self.mapToScene(place))
        if not self._view.rect().adjusted(-6, 0, 6, 0).contains(inside):
            return None
        (low, high), _y = self._view.viewRange()
        return float(low + inside.x() / max(1.0, self._view.rect().width()) * (high - low))

    def place_of(self, x: float, y: float) -> QPoint:
        """Where a value is in this widget."""
        pixel_x, pixel_y = self.grid.at(x, y)
        return self.mapFromScene(self._view.mapToScene(QPointF(pixel_x, pixel_y)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        self.hovered.emit(self.value_at(place), place)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None, QPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    view_resized = Signal()

    def _on_view_resized(self) -> None:
        for item in self._items:
            item.resized()
        self.names.refresh()
        self.view_resized.emit()


def _make_room_above(canvas: Canvas, num_rows: int) -> None:
    if num_rows != canvas.num_word_rows:
        canvas.num_word_rows = num_rows
        canvas.plotItem.layout.setContentsMargins(0, _TOP_PX + num_rows * MARK_ROW_PX, _RIGHT_PX, 0)
        canvas.plotItem.layout.activate()  # at once: what is drawn next lies where it stays
