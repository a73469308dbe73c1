"""What the mouse reads from a plot: a crosshair at the closest point and the values of all curves there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from tlstudio.ui.plots.readout import Reading, Readout
from tlstudio.ui.words import tr

if TYPE_CHECKING:
    from tlstudio.ui.plots.live_plot import LivePlot

_REACH = 0.05
"""How far from the crosshair a curve's own point may be to be read, as a share of the width: validations are sparse."""
_NEAR_PX = 40
"""How far from the mouse the closest point may be across: further away the mouse is on nothing."""


class Hover(QObject):
    """The mouse over one plot."""

    def __init__(self, plot: "LivePlot") -> None:
        super().__init__(plot)
        self._plot = plot
        self._at: tuple[float, QPoint] | None = None
        """How far across the picture the mouse is, 0..1, and its place: what lies there may change while it rests."""
        self.readout = Readout(plot)

    def on_hovered(self, x: float | None, place: QPoint) -> None:
        low, high = self._plot.canvas().x_range
        self._at = None if x is None else ((x - low) / (high - low), place)
        self.refresh()

    def refresh(self) -> None:
        """Read again where the mouse is, such as after more points came."""
        plot, near = self._plot, self._nearest_x()
        readings, rings = [], []
        low, high = plot.x_range
        for spec, line in plot.curves.items() if near is not None else ():
            point, raw = line.drawn.nearest(near), line.raw.nearest(near)
            if point is None or raw is None or not low <= point[0] <= high:
                continue
            if abs(point[0] - near) <= _REACH * (high - low):
                words = plot.unit.readout(point[1])
                is_same = line.smoothed is None
                text = words if is_same else tr("{smoothed}, raw {raw}", smoothed=words, raw=plot.unit.readout(raw[1]))
            elif not spec.is_beside or (value := line.drawn.between(near)) is None:
                continue
            else:
                # Such as the best other run: a level, or a line from one look at validation to the next.
                point, words = (near, value), plot.unit.readout(value)
                text = words if line.drawn.is_level else tr("about {value}", value=words)
            readings.append(Reading(spec, text))
            rings.append((*point, spec.ink()))
        plot.canvas().crosshair.show_at(near if readings else None, rings)
        if near is None or self._at is None or not readings:
            self.readout.hide()
            return
        self.readout.show_readings(plot.x_words(near), tuple(readings), plot.canvas().mapTo(plot, self._at[1]))

    def _nearest_x(self) -> float | None:
        """The x of the point closest to the mouse, of any curve; what lies outside the picture is not read."""
        if self._at is None:
            return None
        low, high = self._plot.canvas().x_range
        wanted = min(max(low + self._at[0] * (high - low), self._plot.x_range[0]), self._plot.x_range[1])
        found = [point[0] for line in self._plot.curves.values() if (point := line.raw.nearest(wanted)) is not None]
        reach = _NEAR_PX / max(1, self._plot.canvas().axes_px.width()) * (high - low)
        near = [x for x in found if self._plot.x_range[0] <= x <= self._plot.x_range[1] and abs(x - wanted) <= reach]
        return min(near, key=lambda x: abs(x - wanted), default=None)
