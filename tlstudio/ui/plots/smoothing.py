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

    def __init__(self) -> None:
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
            self.smoothed.extend(xs, [self._smoother.next(float(y)) for y in ys])
