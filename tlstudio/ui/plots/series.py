"""A curve of any length in bounded memory: exact while it is short, then the lowest and highest value of each stretch."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

CAPACITY = 8192

_X_LOW, _LOW, _X_HIGH, _HIGH = range(4)


class Series:
    """Points with rising x, in buckets: the lowest and the highest point of a stretch. When all are full they are merged in pairs."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        if capacity < 4 or capacity % 2:
            raise ValueError("capacity must be even and at least 4")
        self._buckets = np.empty((capacity, 4))
        self._num_buckets = 0
        self._per_bucket = 1
        self._in_last = 0
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None
        self.num_points = 0

    def __len__(self) -> int:
        return self.num_points

    @property
    def is_exact(self) -> bool:
        """Whether every point is still held as it was given."""
        return self._per_bucket == 1

    @property
    def last(self) -> tuple[float, float] | None:
        """The newest point."""
        return self._last

    @property
    def first_value(self) -> float:
        """The value it begins with; 0 where there is no point."""
        return self._first[1] if self._first is not None else 0.0

    def clear(self) -> None:
        """No points any more."""
        self._num_buckets, self._per_bucket, self._in_last, self.num_points = 0, 1, 0, 0
        self._first = self._last = None

    def extend(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Points behind those that are there; x must not fall."""
        for x, y in zip(xs, ys, strict=True):
            self.append(x, y)

    def append(self, x: float, y: float) -> None:
        """One point behind those that are there."""
        if self._in_last == 0 or self._in_last == self._per_bucket:
            self._begin_bucket(x, y)
        else:
            bucket = self._buckets[self._num_buckets - 1]
            if y < bucket[_LOW]:
                bucket[_X_LOW], bucket[_LOW] = x, y
            if y > bucket[_HIGH]:
                bucket[_X_HIGH], bucket[_HIGH] = x, y
            self._in_last += 1
        if self._first is None:
            self._first = (x, y)
        self._last = (x, y)
        self.num_points += 1

    def _begin_bucket(self, x: float, y: float) -> None:
        if self._num_buckets == len(self._buckets):
            merged = _merged(self._buckets, 2)
            self._num_buckets = len(merged)
            self._buckets[: self._num_buckets] = merged
            self._per_bucket *= 2
        self._buckets[self._num_buckets] = (x, y, x, y)
        self._num_buckets += 1
        self._in_last = 1

    def drawn(self, num_columns: int) -> tuple[Numbers, Numbers]:
        """What to draw where the whole curve is `num_columns` pixels wide: x and y, float64[M], M ≤ 2 · num_columns, x rising.

        The first and the last point are always there; so are the lowest and the highest.
        """
        buckets = self._buckets[: self._num_buckets]
        if self._num_buckets <= num_columns and self.is_exact:
            return buckets[:, _X_LOW].copy(), buckets[:, _LOW].copy()
        buckets = _merged(buckets, -(-self._num_buckets // max(1, num_columns - 1)))
        return self._spread(buckets)

    def points(self) -> tuple[Numbers, Numbers]:
        """Everything that is held: each point while it is exact, else two a bucket."""
        buckets = self._buckets[: self._num_buckets]
        if self.is_exact:
            return buckets[:, _X_LOW].copy(), buckets[:, _LOW].copy()
        return self._spread(buckets)

    def _spread(self, buckets: Numbers) -> tuple[Numbers, Numbers]:
        """Two points a bucket in the order of their x, one where they are the same, with the curve's own ends."""
        rising = buckets[:, _X_LOW] <= buckets[:, _X_HIGH]
        low, high = buckets[:, :2], buckets[:, 2:]
        pairs = np.where(rising[:, None, None], np.stack((low, high), axis=1), np.stack((high, low), axis=1))
        keep = np.ones((len(buckets), 2), bool)
        keep[:, 1] = buckets[:, _X_LOW] != buckets[:, _X_HIGH]
        points = pairs[keep]
        if self._first is not None and points[0, 0] != self._first[0]:
            points = np.concatenate(([self._first], points))
        if self._last is not None and points[-1, 0] != self._last[0]:
            points = np.concatenate((points, [self._last]))
        return points[:, 0], points[:, 1]

    def nearest(self, x: float) -> tuple[float, float] | None:
        """The held point closest to `x`; None where there is none."""
        if not self._num_buckets:
            return None
        buckets = self._buckets[: self._num_buckets]
        low, high = np.abs(buckets[:, _X_LOW] - x), np.abs(buckets[:, _X_HIGH] - x)
        at_low, at_high = int(low.argmin()), int(high.argmin())
        if low[at_low] <= high[at_high]:
            return float(buckets[at_low, _X_LOW]), float(buckets[at_low, _LOW])
        return float(buckets[at_high, _X_HIGH]), float(buckets[at_high, _HIGH])

    def between(self, x: float) -> float | None:
        """The value at `x` of the line that joins the points; None before the first and after the last."""
        if self._first is None or self._last is None or not self._first[0] <= x <= self._last[0]:
            return None
        return float(np.interp(x, *self.points()))

    @property
    def is_level(self) -> bool:
        """Whether all points have one value, so that the line between them has it everywhere."""
        limits = self.limits
        return limits is not None and limits[2] == limits[3]

    @property
    def limits(self) -> tuple[float, float, float, float] | None:
        """(lowest x, highest x, lowest y, highest y); None where there is no point."""
        if self._first is None or self._last is None:
            return None
        buckets = self._buckets[: self._num_buckets]
        return self._first[0], self._last[0], float(buckets[:, _LOW].min()), float(buckets[:, _HIGH].max())


def _merged(buckets: Numbers, size: int) -> Numbers:
    """Each run of `size` neighbours as one bucket; the last one may hold fewer."""
    if size <= 1:
        return buckets
    starts = np.arange(0, len(buckets), size)
    rest = -len(buckets) % size
    padded = np.concatenate((buckets, np.repeat(buckets[-1:], rest, axis=0))) if rest else buckets
    grouped = padded.reshape(len(starts), size, 4)
    rows = np.arange(len(starts))
    lowest = grouped[rows, grouped[:, :, _LOW].argmin(axis=1)]
    highest = grouped[rows, grouped[:, :, _HIGH].argmax(axis=1)]
    return np.concatenate((lowest[:, :2], highest[:, 2:]), axis=1)
