"""What is painted inside a plot: lines of the grid, curves and the crosshair.

All of it lies on the view box in its own pixels, so nothing is scaled while painting, pens are made once a theme, and a curve
is at most two points a pixel. Lines go to Qt as one array.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from pyqtgraph import GraphicsObject, ViewBox
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tlstudio.ui import theme
from tlstudio.ui.plots.curves import MARK_RADIUS, CurveSpec
from tlstudio.ui.plots.series import Numbers, Series

_MOST_MARKS = 60
_LABEL_PX = 18
"""Height of the label of a point."""
_MOST_ROUND = 160
"""Round caps close the joints of a curve; on a curve of very many short lines they cannot be seen and cost three times the paint."""
_ROUND = QPainter.RenderHint.Antialiasing


class PixelItem(GraphicsObject):
    """Lies over the view box and knows how to get from values to its pixels."""

    is_log = False
    """Whether the view box reaches over the decimal logarithms of the values."""

    def __init__(self, view: ViewBox, *, z: float) -> None:
        super().__init__(view)
        self._view = view
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        return self._view.rect().adjusted(-4, -4, 4, 4)

    def at(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Pixels of values; numbers or arrays."""
        (x_low, x_high), (y_low, y_high) = self._view.viewRange()
        area = self._view.rect()
        if self.is_log:
            y = np.log10(np.maximum(y, 10.0**y_low))  # 0 has no place: it lies at the lower edge
        return (x - x_low) / (x_high - x_low) * area.width(), area.height() - (y - y_low) / (y_high - y_low) * area.height()

    def resized(self) -> None:
        """The view box has another size."""
        self.prepareGeometryChange()
        self.update()


class GridItem(PixelItem):
    """Quiet horizontal lines at the ticks."""

    def __init__(self, view: ViewBox) -> None:
        super().__init__(view, z=-10)
        self._ticks: tuple[float, ...] = ()
        self._pen = QPen()
        self.apply_theme()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._pen = QPen(theme.color("line"), 1)
        self.update()

    def set_ticks(self, ticks: tuple[float, ...]) -> None:
        """Lines at these values."""
        self._ticks = ticks
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setRenderHint(_ROUND, False)
        painter.setPen(self._pen)
        width = self._view.rect().width()
        for tick in self._ticks:
            _, y = self.at(0.0, tick)
            painter.drawLine(QLineF(0, round(y), width, round(y)))


class CurveItem(PixelItem):
    """One curve."""

    def __init__(self, view: ViewBox, spec: CurveSpec) -> None:
        super().__init__(view, z=5 if spec.style == "marks" else 3 if spec.style == "line" else 1)
        self._spec = spec
        self._lines = PrimitiveArray(QLineF, 4)
        self._marks: list[QPointF] = []
        self._path = QPolygonF()
        self._is_dense = False
        self._label = ""
        self.apply_theme()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._pen, self._brush = self._spec.pen(), self._spec.ink()
        self._dense_pen = QPen(self._pen)
        self._dense_pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self._font = theme.font(theme.SMALL, weight=600)
        self.update()

    def show_series(self, series: Series, words: Callable[[float], str]) -> None:
        """Draw what the series holds, as much of it as can be seen; a single point is written out."""
        self._label = words(series.last[1]) if len(series) == 1 and series.last is not None else ""
        xs, ys = series.drawn(max(8, int(self._view.rect().width())))
        joined = _joined(xs, self._spec.breaks_at)
        xs, ys = self.at(xs, ys)
        height = self._view.rect().height()
        ys = np.clip(ys, -height, 2 * height)  # what is cut off stays where Qt can draw to
        self._marks = self._marks_of(xs, ys)
        self._is_dense = len(xs) > _MOST_ROUND
        if self._spec.style in ("line", "marks"):
            self._set_lines(xs, ys, joined)
        else:
            # Dashes run on over the joints of a path; they would start anew on each line of an array.
            self._path = QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])
        self.update()

    def _marks_of(self, xs: Any, ys: Any) -> list[QPointF]:
        wanted = self._spec.style == "marks" and len(xs) <= _MOST_MARKS
        return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)] if wanted or len(xs) == 1 else []

    def _set_lines(self, xs: Any, ys: Any, joined: Any) -> None:
        self._lines.resize(int(joined.sum()))
        if joined.any():
            self._lines.ndarray()[:] = np.stack((xs[:-1], ys[:-1], xs[1:], ys[1:]), axis=1)[joined]

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setRenderHint(_ROUND)
        painter.setPen(self._dense_pen if self._is_dense else self._pen)
        if self._spec.style in ("line", "marks"):
            painter.drawLines(*self._lines.drawargs())
        else:
            painter.drawPolyline(self._path)
        if self._marks:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._brush)
            radius = MARK_RADIUS + (1.4 if len(self._marks) == 1 else 0.0)
            for point in self._marks:
                painter.drawEllipse(point, radius, radius)
        if self._label:
            self._paint_label(painter, self._marks[0])

    def _paint_label(self, painter: QPainter, point: QPointF) -> None:
        painter.setFont(self._font)
        painter.setPen(self._brush)
        area = self._view.rect()
        side = Qt.AlignmentFlag.AlignRight if point.x() > area.width() / 2 else Qt.AlignmentFlag.AlignLeft
        left = point.x() - 96 if point.x() > area.width() / 2 else point.x() - 4
        painter.drawText(QRectF(left, label_top(point.y()), 100, _LABEL_PX), side | Qt.AlignmentFlag.AlignVCenter, self._label)


def _joined(xs: Numbers, breaks_at: float | None) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which neighbours a line joins, bool[N - 1]."""
    if breaks_at is None:
        return np.ones(max(0, len(xs) - 1), bool)
    return (xs[:-1] > breaks_at) == (xs[1:] > breaks_at)


def label_top(point_y: float) -> float:
    """Where the label of a point begins, in pixels: above it, where there is room, else below it."""
    above = point_y - 24
    return above if above >= 0 else point_y + 6


class CrosshairItem(PixelItem):
    """A thin upright line under the mouse, with a ring on each curve."""

    def __init__(self, view: ViewBox) -> None:
        super().__init__(view, z=20)
        self._x: float | None = None
        self._rings: list[tuple[float, float, QColor]] = []
        self._pen, self._ground = QPen(), QColor()
        self.apply_theme()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._pen, self._ground = QPen(theme.color("line"), 1.6), theme.color("surface")
        self.update()

    def show_at(self, x: float | None, rings: list[tuple[float, float, QColor]]) -> None:
        """Stand at `x` with a ring at each (x, y); None hides it."""
        self._x, self._rings = x, rings
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        if self._x is None:
            return
        x, _ = self.at(self._x, 0.0)
        painter.setRenderHint(_ROUND, False)
        painter.setPen(self._pen)
        painter.drawLine(QLineF(round(x), 0, round(x), self._view.rect().height()))
        painter.setRenderHint(_ROUND)
        painter.setBrush(self._ground)
        for ring_x, ring_y, color in self._rings:
            painter.setPen(QPen(color, 2))
            painter.drawEllipse(QPointF(*self.at(ring_x, ring_y)), 4.0, 4.0)
