"""Putting images into a row in which neighbours look alike.

The row is a nearest-neighbour tour (Rosenkrantz, Stearns and Lewis, "An analysis of several heuristics for the traveling salesman
problem", 1977) through the first principal components of the looks: after each image comes the one most like it of those that are left.
Its cost grows with the square of the number, so a large set is first cut along its principal axis, again and again, into parts that
follow each other.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tlstudio.datasets.looks import NUM_LAYOUT, Looks
from tlstudio.domain.progress import Stop

NUM_COMPONENTS = 24
MAX_PART = 4096
_TELL_EVERY = 256
_TIDY_EVERY = 64

Places = npt.NDArray[np.intp]
Points = npt.NDArray[np.float32]


def row_of(looks: Looks, *, tell: Callable[[int], object] = lambda _done: None, stop: Stop | None = None) -> list[int] | None:
    """The places 0..N-1 of float32[N, D] in their new order; None where it was stopped. `tell` hears how many have their place."""
    if not len(looks):
        return []
    points = _components(looks)
    row: list[int] = []
    for part in _parts(points):
        begin = _first(points[part]) if not row else int(np.argmin(_distances(points[part], points[row[-1]])))
        for place in _tour(points[part], begin):
            if len(row) % _TELL_EVERY == 0:
                tell(len(row))
                if stop is not None and stop.is_set():
                    return None
            row.append(int(part[place]))
    return row


def _components(looks: Looks) -> Points:
    """float32[N, at most NUM_COMPONENTS]; layout and palette count the same, however many numbers each has."""
    parts = [part - part.mean(axis=0) for part in np.split(looks.astype(np.float64), [NUM_LAYOUT], axis=1)]
    whole = np.hstack([part / max(np.sqrt(np.square(part).sum() / len(part)), 1e-9) for part in parts])
    _values, vectors = np.linalg.eigh(whole.T @ whole)
    points: Points = (whole @ vectors[:, ::-1][:, :NUM_COMPONENTS]).astype(np.float32)
    return points


def _parts(points: Points) -> list[Places]:
    """Places in parts of at most MAX_PART, cut in half at the median of their principal axis until they are small enough."""
    waiting: list[Places] = [np.arange(len(points))]
    parts: list[Places] = []
    while waiting:
        part = waiting.pop()
        if len(part) <= MAX_PART:
            parts.append(part)
            continue
        centred = points[part] - points[part].mean(axis=0)
        _values, vectors = np.linalg.eigh(centred.T @ centred)
        along = part[np.argsort(centred @ vectors[:, -1], kind="stable")]
        low, high = along[: len(along) // 2], along[len(along) // 2 :]
        if parts and _is_closer(points, high, low, to=parts[-1]):
            low, high = high, low
        waiting += [high, low]
    return parts


def _is_closer(points: Points, one: Places, other: Places, *, to: Places) -> bool:
    there = points[to].mean(axis=0)
    return bool(np.square(points[one].mean(axis=0) - there).sum() < np.square(points[other].mean(axis=0) - there).sum())


def _first(points: Points) -> int:
    """Where a row begins: at one end of the set."""
    return int(np.argmin(points[:, 0]))


def _distances(points: Points, point: Points) -> Points:
    distances: Points = np.square(points - point).sum(axis=1)
    return distances


def _tour(points: Points, begin: int) -> list[int]:
    """Places of float32[N, D] from `begin` on, each time the nearest one that is left."""
    places = np.arange(len(points))
    left, squares = points, np.square(points).sum(axis=1)
    current, row = begin, [begin]
    point = points[begin]
    for num in range(1, len(points)):
        squares[current] = np.inf  # has its place
        if num % _TIDY_EVERY == 0:
            keep = np.isfinite(squares)
            places, left, squares = places[keep], left[keep], squares[keep]
        current = int(np.argmin(squares - 2 * (left @ point)))
        point = left[current]
        row.append(int(places[current]))
    return row
