"""Single points inside a plot: many small ones, larger ones that stand out, and the one that is chosen."""

from typing import Any

import numpy as np
from pyqtgraph import ViewBox
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tlstudio.ui import theme
from tlstudio.ui.plots.items import PixelItem

SMALL_PX, LARGE_PX = 2.2, 4.0
_CHOSEN_PX, _RING_PX = 4.6, 8.0


class PointsItem(PixelItem):
    """All points; kept as a picture by Qt, so that a ring that moves over them paints none of them again."""

    def __init__(self, view: ViewBox) -> None:
        super().__init__(view, z=3)
        self._xs = self._ys = np.empty(0)
        self._large = np.empty(0, bool)
        self._quiet, self._loud = QColor(), QColor()
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)
        self.apply_theme()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._quiet, self._loud = theme.color("muted"), theme.color("text")
        self._quiet.setAlphaF(0.55)
        self.update()

    def show_points(self, xs: np.ndarray, ys: np.ndarray, large: np.ndarray) -> None:
        """Exactly these; `xs`, `ys`: float64[N], `large`: bool[N]."""
        self._xs, self._ys, self._large = xs, ys, large
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        xs, ys = self.at(self._xs, self._ys)
        for is_large, ink, radius in ((False, self._quiet, SMALL_PX), (True, self._loud, LARGE_PX)):
            painter.setBrush(ink)
            kept = self._large == is_large
            for x, y in zip(xs[kept].tolist(), ys[kept].tolist(), strict=True):
                painter.drawEllipse(QPointF(x, y), radius, radius)


class ChosenItem(PixelItem):
    """The chosen point with a ring around it, and a thinner ring around the one under the mouse."""

    def __init__(self, view: ViewBox) -> None:
        super().__init__(view, z=20)
        self._chosen: tuple[float, float] | None = None
        self._near: tuple[float, float] | None = None
        self._ink, self._ground = QColor(), QColor()
        self.apply_theme()

    def apply_theme(self) -> None:
        """Take the colours in force."""
        self._ink, self._ground = theme.color("accent"), theme.color("surface")
        self.update()

    def show_at(self, chosen: tuple[float, float] | None, near: tuple[float, float] | None) -> None:
        """Mark these points; None marks none."""
        self._chosen, self._near = chosen, near
        self.update()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._near is not None:
            painter.setPen(QPen(self._ink, 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*self.at(*self._near)), LARGE_PX + 2, LARGE_PX + 2)
        if self._chosen is not None:
            middle = QPointF(*self.at(*self._chosen))
            painter.setPen(QPen(self._ink, 2))
            painter.setBrush(self._ground)
            painter.drawEllipse(middle, _RING_PX, _RING_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ink)
            painter.drawEllipse(middle, _CHOSEN_PX, _CHOSEN_PX)
