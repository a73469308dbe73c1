"""Compare two sets of answers to the same images: does an export say what the program says?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-4
"""Largest difference of a softmax value that an export may show."""


@dataclass(frozen=True, kw_only=True)
class Parity:
    """How far `other` is from `reference` over N images."""

    num_images: int
    num_same: int
    """Images with the same top-1 class."""
    max_difference: float
    """Largest absolute difference of a probability; 1.0, the largest there can be, where one of them is not a number."""
    near_ties: tuple[int, ...]
    """Rows whose two best classes are so close that the tolerance could swap them."""
    different: tuple[int, ...]
    """Rows with another top-1 class."""
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the two agree: every value within the tolerance, and another top-1 only at a near tie."""
        return self.max_difference <= self.tolerance and set(self.different) <= set(self.near_ties)


def compare_probabilities(reference: NDArray[np.floating], other: NDArray[np.floating], *, tolerance: float = TOLERANCE) -> Parity:
    """Compare probabilities [N, K], row by row. Raises `ValueError` where the shapes differ."""
    if reference.shape != other.shape or reference.ndim != 2:
        raise ValueError(f"cannot compare answers of the shapes {reference.shape} and {other.shape}")
    left, right = reference.astype(np.float64), other.astype(np.float64)
    whole = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    same = whole & (_top(left) == _top(right))
    difference = np.abs(left - right)[whole]
    return Parity(
        num_images=len(left),
        num_same=int(same.sum()),
        max_difference=float(difference.max(initial=0.0)) if whole.all() else 1.0,
        near_ties=_rows(whole & _is_near_tie(left, tolerance)),
        different=_rows(~same),
        tolerance=tolerance,
    )


def _top(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    # A row of K = 0 has no best class; argmax would raise.
    return probabilities.argmax(axis=1) if probabilities.shape[1] else np.zeros(len(probabilities), np.int64)


def _is_near_tie(probabilities: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_]:
    """Each of the two best may move by the tolerance, so a gap of twice that can close."""
    if probabilities.shape[1] < 2:
        return np.zeros(len(probabilities), np.bool_)
    best = np.partition(probabilities, -2, axis=1)[:, -2:]
    return (best[:, 1] - best[:, 0]) <= 2 * tolerance


def _rows(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(row) for row in np.flatnonzero(mask))
