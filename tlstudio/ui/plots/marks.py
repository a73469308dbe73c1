"""Where something happened in a plot: an upright line through it, and its word in a strip of its own above, where it hides nothing."""

from collections.abc import Sequence
from typing import Any

from pyqtgraph import ViewBox
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from tlstudio.ui import theme
from tlstudio.ui.plots.curves import Mark
from tlstudio.ui.plots.items import PixelItem

MARK_ROW_PX = 14
_MOST_ROWS = 2
_GAP_PX = 8
"""Between two words beside each other."""


class MarkItem(PixelItem):
    """Dashed upright lines, below the curves."""

    def __init__(self, view: ViewBox) -> None:
        super().__init__(view, z=0)
        self.marks: tuple[Mark, ...] = ()
        self.words = MarkWordsItem(view, self)
        self._pen = QPen()
        self.apply_theme()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._pen = QPen(theme.color("muted"), 1.0, Qt.PenStyle.CustomDashLine)
        self._pen.setDashPattern([2.0, 2.0])
        self.update()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Exactly these, from left to right."""
        self.marks = tuple(sorted(marks, key=lambda mark: mark.x))
        self.update()
        self.words.measure()

    @property
    def places(self) -> list[int]:
        """Pixels across of each mark."""
        return [round(float(self.at(mark.x, 1.0)[0])) for mark in self.marks]

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._pen)
        for place in dict.fromkeys(self.places):  # dashes drawn twice would look bold
            painter.drawLine(QLineF(place, 0, place, self._view.rect().height()))


class MarkWordsItem(PixelItem):
    """The words of marks, above the axes: beside the view box, which cuts off what is painted outside it."""

    def __init__(self, view: ViewBox, lines: MarkItem) -> None:
        super().__init__(view, z=10)
        self.setParentItem(view.parentItem())
        self._lines = lines
        self._rooms: list[int] = []
        self._ink, self._font = QColor(), theme.font(theme.TINY)
        self.apply_theme()

    def boundingRect(self) -> QRectF:
        return QRectF(0, -_MOST_ROWS * MARK_ROW_PX, self._view.rect().width(), _MOST_ROWS * MARK_ROW_PX)

    def resized(self) -> None:
        super().resized()
        self.setPos(self._view.pos())

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._ink, self._font = theme.color("muted"), theme.font(theme.TINY)
        self.measure()

    def measure(self) -> None:
        """The marks are others, or their font."""
        metrics = QFontMetrics(self._font)
        self._rooms = [metrics.horizontalAdvance(mark.text) + 2 for mark in self._lines.marks]
        self.update()

    def found(self) -> list[tuple[float, int | None]]:
        """Left edge and row of each word, as `word_places` tells."""
        return word_places(self._lines.places, self._rooms, self._view.rect().width())

    @property
    def num_rows(self) -> int:
        """How many rows of words stand above the axes."""
        return max((row + 1 for _left, row in self.found() if row is not None), default=0)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setFont(self._font)
        painter.setPen(self._ink)
        for mark, room, (left, row) in zip(self._lines.marks, self._rooms, self.found(), strict=True):
            if row is not None:
                where = QRectF(left, -(row + 1) * MARK_ROW_PX, room, MARK_ROW_PX)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, mark.text)


def word_places(places: Sequence[float], rooms: Sequence[float], width: float) -> list[tuple[float, int | None]]:
    """Left edge and row, counted from the axes up, of each mark's word, for marks from left to right; no row where there is no room.

    A word begins at its mark, at the right edge it ends there. Of two that would lie on each other the earlier one goes a row up.
    """
    found: list[tuple[float, int | None]] = []
    ends = [width + _GAP_PX] * _MOST_ROWS
    for place, room in zip(reversed(places), reversed(rooms), strict=True):
        left = max(0.0, min(place, width - room))
        row = next((row for row, end in enumerate(ends) if left + room + _GAP_PX <= end), None)
        if row is not None:
            ends[row] = left
        found.append((left, row))
    return found[::-1]
