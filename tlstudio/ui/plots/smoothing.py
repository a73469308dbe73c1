"""A curve with the noise of single batches taken out, beside the curve as it is."""

import math
from collections.abc import Sequence

from tlstudio.ui.plots.series import Numbers, Series


class Smoother:
    """Exponential moving average, as TensorBoard's scalars have it: each point keeps `weight` of the one before.

    The average begins at 0 and is divided by what a curve of ones would have reached by then (the correction of Kingma and Ba 2015,
    section 3), so that the first points are not drawn towards 0.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._sum = 0.0
        self._reached = 0.0

    def next(self, value: float) -> float:
        """The average up to `value`."""
        if not math.isfinite(value):
            return value
        self._sum = self.weight * self._sum + (1.0 - self.weight) * value
        self._reached = self.weight * self._reached + (1.0 - self.weight)
        return self._sum / self._reached


class Line:
    """The points of one curve: as they are, and smoothed where that is asked for. Both in bounded memory."""

    def __init__(self, breaks_at: float | None = None) -> None:
        self.breaks_at = breaks_at
        """The average begins anew behind this x."""
        self.raw = Series()
        self.smoothed: Series | None = None
        self._smoother = Smoother(0.0)

    @property
    def drawn(self) -> Series:
        """What is looked at first."""
        return self.raw if self.smoothed is None else self.smoothed

    def smooth(self, weight: float) -> None:
        """Smooth with this weight from now on, and what is there; 0 leaves the curve as it is."""
        if weight == self._smoother.weight:
            return
        self._smoother = Smoother(weight)
        self.smoothed = Series() if weight else None
        self._follow(*self.raw.points() if len(self.raw) else ((), ()))

    def extend(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Points behind those that are there."""
        self.raw.extend(xs, ys)
        self._follow(xs, ys)

    def clear(self) -> None:
        """No points any more."""
        self.raw.clear()
        self._smoother = Smoother(self._smoother.weight)
        if self.smoothed is not None:
            self.smoothed.clear()

    def _follow(self, xs: Sequence[float] | Numbers, ys: Sequence[float] | Numbers) -> None:
        if self.smoothed is not None:
            for x, y in zip(xs, ys, strict=True):
                self._break_before(float(x), self.smoothed)
                self.smoothed.append(float(x), self._smoother.next(float(y)))

    def _break_before(self, x: float, smoothed: Series) -> None:
        last = smoothed.last
        if self.breaks_at is not None and last is not None and last[0] <= self.breaks_at < x:
            self._smoother = Smoother(self._smoother.weight)

    @property
    def lowest(self) -> float | None:
        """The lowest value over 0 behind the break, of all where nothing is behind it: what a logarithmic scale must reach."""
        if not len(self.raw):
            return None
        xs, ys = self.raw.points()
        if self.breaks_at is not None and xs[-1] > self.breaks_at:
            ys = ys[xs > self.breaks_at]
        found = ys[ys > 0]
        return float(found.min()) if len(found) else None
