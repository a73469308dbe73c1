"""Figures of a confusion matrix, of one or of many at once.

Every function takes the three counts that all figures follow from: right answers, images and answers per class, each
[..., K] along the last axis. So a figure of the split and of 2,000 resamples of it is the same line of code.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Per class: `right` answers, images that are of it (`truth`), answers that say it (`answered`); each i64[..., K]."""

    right: NDArray[np.int64]
    truth: NDArray[np.int64]
    answered: NDArray[np.int64]


def confusion(truth: NDArray[np.int64], predicted: NDArray[np.int64], *, num_classes: int) -> NDArray[np.int64]:
    """i64[K, K] from class indices i64[N]; rows are the truth, columns the prediction."""
    cells = np.bincount(truth * num_classes + predicted, minlength=num_classes * num_classes)
    return cells.reshape(num_classes, num_classes).astype(np.int64, copy=False)


def count(matrix: NDArray[np.int64]) -> Counts:
    """The counts of one confusion matrix i64[K, K]."""
    return Counts(right=np.diagonal(matrix), truth=matrix.sum(axis=1), answered=matrix.sum(axis=0))


def precision(counts: Counts) -> Floats:
    """Of the answers that say a class, the share that is right: f64[..., K]; NaN for a class that was never answered."""
    return _share(counts.right, counts.answered)


def recall(counts: Counts) -> Floats:
    """Of the images of a class, the share that was found: f64[..., K]; NaN for a class without images."""
    return _share(counts.right, counts.truth)


def f1(counts: Counts) -> Floats:
    """Harmonic mean of the two: f64[..., K]; NaN only where a class has neither images nor answers."""
    return _share(2 * counts.right, counts.truth + counts.answered)


def accuracy(counts: Counts) -> Floats:
    """Share of all images answered rightly: f64[...]."""
    return _share(counts.right.sum(axis=-1), counts.truth.sum(axis=-1))


def balanced_accuracy(counts: Counts) -> Floats:
    """Mean recall of the classes that have images: f64[...]."""
    return _mean_of_defined(recall(counts))


def macro_f1(counts: Counts) -> Floats:
    """Mean F1 of the classes that have images or answers: f64[...]."""
    return _mean_of_defined(f1(counts))


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Floats:
    shares: Floats = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _mean_of_defined(values: Floats) -> Floats:
    defined = np.isfinite(values)
    total: Floats = np.where(defined, values, 0.0).sum(axis=-1)
    mean: Floats = np.full(np.shape(total), np.nan)
    np.divide(total, defined.sum(axis=-1), out=mean, where=defined.any(axis=-1))
    return mean
