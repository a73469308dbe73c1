"""95 % intervals of a run's figures: the percentile bootstrap of Efron and Tibshirani (1993, chapter 13).

A resample draws as many images as the split has, with replacement, **within each true class**: splits are made stratified
by class, and resampling repeats how the sample was taken (ibid., section 8.3). So every resample keeps the class sizes
and balanced accuracy is defined in each of them; the intervals hold for this mix of classes.

All figures depend on an image through its cell of the confusion matrix alone. Drawing n images of a class with
replacement is therefore drawing once from a multinomial distribution over the cells of its row, which is exact and makes
the cost depend on the number of cells, not of images.

Where every answer is right, or none, all resamples are the same and the bootstrap would claim certainty. There all three figures take the
exact interval of Clopper and Pearson (1934) for that many images: 4 of 4 right means 39.8 to 100 %.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlstudio.domain.report import Estimate
from tlstudio.evaluation import metrics
from tlstudio.evaluation.metrics import Counts

NUM_RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """The three figures of a split, each with its interval."""

    accuracy: Estimate
    balanced_accuracy: Estimate
    macro_f1: Estimate


def bootstrap(matrix: NDArray[np.int64], *, num_resamples: int = NUM_RESAMPLES, seed: int = 0, level: float = LEVEL) -> Intervals:
    """Figures and intervals of a confusion matrix i64[K, K] that counts at least one image.

    The same matrix, seed and number of resamples give the same bits, whatever the order of the images was.
    """
    whole, drawn = metrics.count(matrix), resample(matrix, num_resamples=num_resamples, seed=seed)
    tail = (1.0 - level) / 2.0
    num_images, num_right = int(matrix.sum()), int(np.trace(matrix))

    def estimate(figure: Callable[[Counts], NDArray[np.float64]]) -> Estimate:
        low, high = np.quantile(figure(drawn), (tail, 1.0 - tail))
        if num_right == num_images:
            low = tail ** (1.0 / num_images)
        elif num_right == 0:
            high = 1.0 - tail ** (1.0 / num_images)
        return Estimate(value=float(figure(whole)), low=float(low), high=float(high))

    return Intervals(
        accuracy=estimate(metrics.accuracy),
        balanced_accuracy=estimate(metrics.balanced_accuracy),
        macro_f1=estimate(metrics.macro_f1),
    )


def resample(matrix: NDArray[np.int64], *, num_resamples: int, seed: int) -> Counts:
    """Counts [R, K] of R stratified resamples of the images behind a confusion matrix i64[K, K]."""
    num_classes = len(matrix)
    random = np.random.default_rng(seed)
    right = np.zeros((num_resamples, num_classes), np.int64)
    answered = np.zeros((num_resamples, num_classes), np.int64)
    for index, row in enumerate(matrix):
        filled = np.flatnonzero(row)
        if not len(filled):
            continue
        num_images = int(row.sum())
        drawn = random.multinomial(num_images, row[filled] / num_images, size=num_resamples)
        answered[:, filled] += drawn
        right[:, index] = drawn[:, filled == index].sum(axis=1)
    truth = np.broadcast_to(matrix.sum(axis=1), right.shape)
    return Counts(right=right, truth=truth, answered=answered)
