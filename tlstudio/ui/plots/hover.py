"""What the mouse reads from a plot: a crosshair at the closest point and the values of all curves there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from tlstudio.ui.plots.readout import Reading, Readout

if TYPE_CHECKING:
    from tlstudio.ui.plots.live_plot import LivePlot

_REACH = 0.05
"""How far from the crosshair a curve's own point may be to be read, as a share of the width: validations are sparse."""


class Hover(QObject):
    """The mouse over one plot."""

    def __init__(self, plot: "LivePlot") -> None:
        super().__init__(plot)
        self._plot = plot
        self._at: tuple[float, QPoint] | None = None
        self.readout = Readout(plot)

    def on_hovered(self, x: float | None, place: QPoint) -> None:
        self._at = None if x is None else (x, place)
        self.refresh()

    def refresh(self) -> None:
        """Read again where the mouse is, such as after more points came."""
        plot, near = self._plot, self._nearest_x()
        readings, rings = [], []
        low, high = plot.x_range
        for spec, series in plot.curves.items() if near is not None else ():
            point = series.nearest(near)
            if point is not None and abs(point[0] - near) <= _REACH * (high - low):
                readings.append(Reading(spec, plot.unit.readout(point[1])))
                rings.append((*point, spec.ink()))
        plot.canvas().crosshair.show_at(near if readings else None, rings)
        if near is None or self._at is None or not readings:
            self.readout.hide()
            return
        self.readout.show_readings(plot.x_words(near), tuple(readings), plot.canvas().mapTo(plot, self._at[1]))

    def _nearest_x(self) -> float | None:
        """The x of the point closest to the mouse, of any curve."""
        if self._at is None:
            return None
        wanted = self._at[0]
        found = [point[0] for series in self._plot.curves.values() if (point := series.nearest(wanted)) is not None]
        return min(found, key=lambda x: abs(x - wanted), default=None)
