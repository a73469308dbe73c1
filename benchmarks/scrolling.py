"""Scrolling a grid as a hand does, a movement a frame, and noting when it paints."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from benchmarks.driver import Driver
from tlstudio.ui.widgets.thumb_grid import ThumbGrid

_NOTCH = 120
_PATIENCE_S = 1200.0


@dataclass(frozen=True)
class Frame:
    """From one paint of the grid to the next, in s."""

    wall: float
    own: float
    """Time the UI thread itself was at work; the rest it waited for the next movement, or for a processor that others use."""


class PaintProbe(QObject):
    """Notes the times at which the grid paints."""

    def __init__(self, grid: ThumbGrid) -> None:
        super().__init__(grid)
        self._times: list[tuple[float, float]] = []
        grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._times.append((time.perf_counter(), time.thread_time()))
        return False

    def take(self) -> list[Frame]:
        """What was painted since it was last asked."""
        times, self._times = self._times, []
        return [Frame(later[0] - earlier[0], later[1] - earlier[1]) for earlier, later in pairwise(times)]


def spin(driver: Driver, grid: ThumbGrid, *, rows: int, every_ms: int) -> None:
    """Turn the wheel until the last image is there."""
    bar = grid.verticalScrollBar()
    notches = max(1, round(rows * grid.layout_now.pitch / (bar.singleStep() * QApplication.wheelScrollLines())))
    place = QPointF(grid.viewport().rect().center())

    def turn() -> None:
        event = QWheelEvent(
            place,
            QPointF(grid.viewport().mapToGlobal(place)),
            QPoint(),
            QPoint(0, -_NOTCH * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid.viewport(), event)

    bar.setValue(0)
    _every(driver, every_ms, turn, lambda: bar.value() >= bar.maximum())


def pull(driver: Driver, grid: ThumbGrid, *, jumps: int, every_ms: int) -> None:
    """Pull the scroll bar's handle from top to bottom, so fast that every frame shows other images."""
    bar = grid.verticalScrollBar()
    step = max(1, bar.maximum() // jumps)
    bar.setValue(0)
    _every(driver, every_ms, lambda: bar.setValue(bar.value() + step), lambda: bar.value() >= bar.maximum())


def _every(driver: Driver, every_ms: int, act: Callable[[], object], is_over: Callable[[], bool]) -> None:
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(act)
    timer.start(every_ms)
    driver.until(is_over, "the end of the list", patience_s=_PATIENCE_S)
    timer.stop()
