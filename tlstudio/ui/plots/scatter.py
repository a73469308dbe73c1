"""Points to look at and choose from, one of them chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.plots.live_plot import REDRAW_EVERY_MS
from tlstudio.ui.words import tr, tr_n

if TYPE_CHECKING:
    from tlstudio.ui.plots.canvas import Canvas, Tick
    from tlstudio.ui.plots.points import ChosenItem, PointsItem

_REACH_PX = 14
_EDGE = 0.12


@dataclass(frozen=True)
class ScatterPoint:
    """One point. `words` say it whole, on one line or more; large ones stand out."""

    key: str
    x: float
    y: float
    words: str
    is_large: bool = False


class ScatterPlot(QWidget):
    """The mouse names the closest point and a click picks it; so do the arrow keys, from left to right.

    pyqtgraph is loaded after the first paint.
    """

    picked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._points: tuple[ScatterPoint, ...] = ()
        self._xs = self._ys = np.empty(0)
        self._ticks: tuple[Sequence[Tick], Sequence[Tick]] = ((), ())
        self._chosen = ""
        self._near: int | None = None
        self._drawing: tuple[Canvas, PointsItem, ChosenItem] | None = None
        self._timer = QTimer(self, singleShot=True, interval=REDRAW_EVERY_MS)
        self._timer.timeout.connect(self._redraw)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(2, 2, 2, 2)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._say()

    def show_points(self, points: Sequence[ScatterPoint], *, chosen: str, x_ticks: "Sequence[Tick]", y_ticks: "Sequence[Tick]") -> None:
        """Exactly these, with words along the edges."""
        self._points = tuple(sorted(points, key=lambda point: point.x))
        self._xs = np.array([point.x for point in self._points], np.float64)
        self._ys = np.array([point.y for point in self._points], np.float64)
        self._ticks = (x_ticks, y_ticks)
        self._near = None
        self.choose(chosen)

    def choose(self, key: str) -> None:
        """Mark this point; one that is not there marks none."""
        self._chosen = key
        self._say()
        self._schedule()

    @property
    def points(self) -> tuple[ScatterPoint, ...]:
        """What is shown, from left to right."""
        return self._points

    def place_of(self, key: str) -> QPoint:
        """Where a point is in this widget."""
        canvas = self._canvas()[0]
        point = next(point for point in self._points if point.key == key)
        return canvas.mapTo(self, canvas.place_of(point.x, point.y))

    @property
    def near(self) -> ScatterPoint | None:
        """What the mouse is on."""
        return None if self._near is None else self._points[self._near]

    # --- drawing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_drawing", None) is not None:
            self._drawing[0].apply_theme()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)

    def _schedule(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _canvas(self) -> "tuple[Canvas, PointsItem, ChosenItem]":
        if self._drawing is None:
            from tlstudio.ui.plots.canvas import Canvas
            from tlstudio.ui.plots.points import ChosenItem, PointsItem

            canvas = Canvas(self)
            canvas.setAccessibleName(self._name)
            canvas.hovered.connect(self._on_hovered)
            canvas.view_resized.connect(self._schedule)
            self._box.addWidget(canvas)
            self._drawing = (canvas, canvas.add_item(PointsItem), canvas.add_item(ChosenItem))
        return self._drawing

    def _redraw(self) -> None:
        if not self.isVisible() or not self._points:
            return
        canvas, points, _chosen = self._canvas()
        canvas.set_ranges(_wider(self._xs), _wider(self._ys))
        canvas.set_ticks(*self._ticks)
        points.show_points(self._xs, self._ys, np.array([point.is_large for point in self._points], bool))
        self._mark()

    def _mark(self) -> None:
        if self._drawing is not None:
            chosen = next((point for point in self._points if point.key == self._chosen), None)
            self._drawing[2].show_at(_at(chosen), _at(self.near))

    def _say(self) -> None:
        chosen = next((point.words for point in self._points if point.key == self._chosen), "")
        count = tr_n("1 point", "{n} points", len(self._points))
        self.setAccessibleName(tr("{name}: {count}. {chosen}", name=self._name, count=count, chosen=chosen))

    # --- mouse and keys

    def _on_hovered(self, x: float | None, place: QPoint) -> None:
        canvas = self._canvas()[0]
        self._near = None if x is None else self._closest(place)
        self._mark()
        if self.near is not None:
            QToolTip.showText(canvas.mapToGlobal(place), self.near.words, canvas)
        else:
            QToolTip.hideText()

    def _closest(self, place: QPoint) -> int | None:
        """The point within reach of a place on the canvas."""
        if not self._points:
            return None
        canvas, points, _chosen = self._canvas()
        xs, ys = points.at(self._xs, self._ys)
        corner = canvas.place_of(self._xs[0], self._ys[0]) - QPointF(xs[0], ys[0]).toPoint()
        distances = np.hypot(xs + corner.x() - place.x(), ys + corner.y() - place.y())
        best = int(distances.argmin())
        return best if distances[best] <= _REACH_PX else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._drawing is not None:
            best = self._closest(self._drawing[0].mapFrom(self, event.position().toPoint()))
            if best is not None:
                self.picked.emit(self._points[best].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._points:
            super().keyPressEvent(event)
            return
        place = next(
            (place for place, point in enumerate(self._points) if point.key == self._chosen), -1 if step > 0 else len(self._points)
        )
        self.picked.emit(self._points[min(max(0, place + step), len(self._points) - 1)].key)


def _at(point: ScatterPoint | None) -> tuple[float, float] | None:
    return None if point is None else (point.x, point.y)


def _wider(values: np.ndarray) -> tuple[float, float]:
    """Room for whole marks at the edges, and for one point alone."""
    low, high = float(values.min()), float(values.max())
    room = max((high - low) * _EDGE, 0.05 * max(1e-9, abs(high)) if high == low else 0.0)
    return low - room, high + room
