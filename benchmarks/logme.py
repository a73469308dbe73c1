"""LogME: how likely the labels are under a Bayesian linear model of the features, the comparison for the advisor.

You, Liu, Wang and Long (2021, "LogME: Practical Assessment of Pre-trained Models for Transfer Learning", ICML), equation 2 and
algorithm 1: for each class, as a regression of its one-hot labels, the evidence log p(y | F, alpha, beta) is maximised by MacKay's
fixed-point iteration, and the mean over classes, divided by the number of images, is the score. The determinant counts all D directions,
also those that fewer images than features leave empty.
"""

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 100
_TOLERANCE = 1e-3
_TINY = 1e-10


def logme(features: NDArray[np.floating], targets: NDArray[np.int64]) -> float:
    """The score of features [N, D] for class indices [N]; higher is better."""
    values = features.astype(np.float64)
    left, singular, _right = np.linalg.svd(values, full_matrices=False)
    kept = singular > _TINY
    left, squares = left[:, kept], singular[kept] ** 2
    labels = [(targets == index).astype(np.float64) for index in np.unique(targets)]
    return float(np.mean([_evidence(left, squares, label, values.shape[1]) for label in labels]))


def _evidence(left: NDArray[np.float64], squares: NDArray[np.float64], label: NDArray[np.float64], width: int) -> float:
    """Of one class, divided by N. `squares`: s^2 of the R directions in `left` [N, R]."""
    num = len(label)
    along = np.square(left.T @ label)
    outside = max(0.0, float(label @ label - along.sum()))
    alpha = beta = 1.0
    for _step in range(_MOST_STEPS):
        ratio = alpha / beta
        effective = float((squares / (ratio + squares)).sum())
        weights = float((squares * along / np.square(ratio + squares)).sum())
        residual = float((along / np.square(1.0 + squares / ratio)).sum()) + outside
        alpha, beta = effective / max(_TINY, weights), (num - effective) / max(_TINY, residual)
        if abs(alpha / beta - ratio) <= _TOLERANCE * ratio:
            break
    determinant = float(np.log(alpha + beta * squares).sum()) + (width - len(squares)) * np.log(alpha)
    evidence = 0.5 * (width * np.log(alpha) + num * np.log(beta) - determinant - beta * residual - alpha * weights)
    return float(evidence - 0.5 * num * np.log(2 * np.pi)) / num
