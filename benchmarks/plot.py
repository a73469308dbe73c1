"""The ratios of a benchmark as a picture: a bar each on a logarithmic scale, green where its promise holds, with a mark at the promise."""

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter
from PySide6.QtSvg import QSvgGenerator

from benchmarks.results import Result

_WIDTH, _ROW, _LABELS, _VALUES, _HEAD = 1000, 22, 480, 70, 30
_COLOURS = {True: "#2e7d32", False: "#c62828", None: "#78909c"}
_SMALLEST, _TICKS = 0.5, (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


def draw(file: Path, results: Sequence[Result]) -> None:
    """Write an SVG of all results that are ratios; none where there are none."""
    ratios = [item for item in results if item.unit == "x"]
    if not ratios:
        return
    application = QGuiApplication.instance() or QGuiApplication(["-platform", "offscreen"])
    height = _HEAD + _ROW * len(ratios) + 10
    picture = QSvgGenerator()
    picture.setFileName(str(file))
    picture.setSize(QSize(_WIDTH, height))
    picture.setViewBox(QRectF(0, 0, _WIDTH, height))
    picture.setTitle("Times as fast")
    largest = max(2.0, *(max(item.value, item.least or 0) for item in ratios))
    painter = QPainter(picture)
    painter.fillRect(0, 0, _WIDTH, height, QColor("white"))
    _ticks(painter, largest, height)
    for number, item in enumerate(ratios):
        _bar(painter, item, largest, _HEAD + _ROW * number)
    painter.end()
    del application


def place(value: float, largest: float) -> float:
    """Where a value lies on the scale, px from the left."""
    share = math.log(max(value, _SMALLEST) / _SMALLEST) / math.log(largest / _SMALLEST)
    return _LABELS + share * (_WIDTH - _LABELS - _VALUES)


def _ticks(painter: QPainter, largest: float, height: int) -> None:
    for tick in _TICKS:
        if tick <= largest:
            x = round(place(tick, largest))
            painter.setPen(QColor("#263238" if tick == 1 else "#cfd8dc"))
            painter.drawLine(x, _HEAD - 6, x, height - 6)
            painter.setPen(QColor("#263238"))
            painter.drawText(QRectF(x - 30, 2, 60, _HEAD - 10), Qt.AlignmentFlag.AlignCenter, f"{tick:g} x")


def _bar(painter: QPainter, item: Result, largest: float, top: int) -> None:
    one, end = place(1, largest), place(item.value, largest)
    painter.setPen(QColor("#263238"))
    label = QRectF(4, top, _LABELS - 12, _ROW)
    painter.drawText(label, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{item.case}: {item.figure}")
    painter.fillRect(QRectF(min(one, end), top + 4, abs(end - one), _ROW - 8), QColor(_COLOURS[item.holds]))
    painter.drawText(QRectF(max(one, end) + 4, top, _VALUES, _ROW), Qt.AlignmentFlag.AlignVCenter, f"{item.value:.3g} x")
    if item.least is not None:
        x = place(item.least, largest)
        painter.fillRect(QRectF(x - 1, top + 1, 2, _ROW - 2), QColor("#263238"))
