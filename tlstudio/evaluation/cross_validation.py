"""What a cross-validation says: figures of each fold, their mean with an interval, and the confusion matrix of all folds together.

The interval is the corrected t interval of Nadeau and Bengio (2003, "Inference for the Generalization Error", section 4): folds share
most of what they learn from, so the variance of their mean is not S^2 / k but S^2 (1/k + n_test / n_train), which in k folds is
S^2 (1/k + 1/(k-1)).

Few folds may agree by chance, and then S^2 says too little. It is never taken for less than what drawing the images of a fold does by
itself: p (1 - p) / m with m units a fold (copies and images of one group are no independent draws) and p = (mean n + 1) / (n + 2) of n
units, which is never quite 0 or 1 (Laplace's rule of succession).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tlstudio.domain.events import FoldJudged
from tlstudio.domain.report import CrossValidationReport, Estimate, FoldScore
from tlstudio.evaluation import metrics
from tlstudio.evaluation.metrics import Counts
from tlstudio.evaluation.report import class_scores

_T_975 = (
    *(4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281),
    *(2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930),
)
"""The 97.5 % quantiles of Student's t with 2 to 19 degrees of freedom: here, because scipy takes a second to import."""


def build(folds: Sequence[FoldJudged], *, class_names: tuple[str, ...], num_units: int) -> CrossValidationReport:
    """The report of all `folds` (three or more) of one cross-validation in which `num_units` units were dealt into them."""
    matrices = [np.array(item.confusion, np.int64) for item in folds]
    pooled: NDArray[np.int64] = np.sum(matrices, axis=0)
    scores = tuple(_score(item, matrix) for item, matrix in zip(folds, matrices, strict=True))

    def estimate(figure: Callable[[FoldScore], float]) -> Estimate:
        return interval([figure(score) for score in scores], num_units=num_units)

    return CrossValidationReport(
        num_units=num_units,
        class_names=class_names,
        folds=scores,
        accuracy=estimate(lambda score: score.accuracy),
        balanced_accuracy=estimate(lambda score: score.balanced_accuracy),
        pooled_accuracy=float(metrics.accuracy(metrics.count(pooled))),
        classes=class_scores(pooled, names=class_names),
        confusion=tuple(tuple(int(cell) for cell in row) for row in pooled),
    )


def interval(figures: Sequence[float], *, num_units: int) -> Estimate:
    """The mean of the figures of 3 to 20 folds with its 95 % interval, within 0..1."""
    mean = sum(figures) / len(figures)
    half = _half_width(figures, _smoothed(mean, num_units), num_units)
    return Estimate(value=mean, low=max(0.0, mean - half), high=min(1.0, mean + half))


def paired_difference(figures: Sequence[float], others: Sequence[float], *, num_units: int) -> Estimate:
    """How far `figures` are above `others` of the same folds, in the mean, with its 95 % interval.

    Where two models differ by d, at least a share of |d| of the images is answered differently: that much drawing them does by itself.
    """
    differences = [figure - other for figure, other in zip(figures, others, strict=True)]
    mean = sum(differences) / len(differences)
    half = _half_width(differences, _smoothed(abs(mean), num_units), num_units)
    return Estimate(value=mean, low=mean - half, high=mean + half)


def _half_width(figures: Sequence[float], share: float, num_units: int) -> float:
    """Of the corrected interval; `share` is what the variance by drawing follows from."""
    num_folds = len(figures)
    mean = sum(figures) / num_folds
    between = sum((figure - mean) ** 2 for figure in figures) / (num_folds - 1)
    within = share * (1 - share) / (num_units / num_folds)
    return _T_975[num_folds - 3] * math.sqrt(max(between, within) * (1 / num_folds + 1 / (num_folds - 1)))


def _smoothed(share: float, num_units: int) -> float:
    return (share * num_units + 1) / (num_units + 2)


def _score(judged: FoldJudged, matrix: NDArray[np.int64]) -> FoldScore:
    counts: Counts = metrics.count(matrix)
    return FoldScore(
        fold=judged.fold,
        num_train=judged.num_train,
        num_images=int(matrix.sum()),
        penalty=judged.penalty,
        accuracy=float(metrics.accuracy(counts)),
        balanced_accuracy=float(metrics.balanced_accuracy(counts)),
    )
