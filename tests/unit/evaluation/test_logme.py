"""LogME, the advisor's comparison: the evidence that a search over both precisions finds, higher where the features tell more."""

import numpy as np
import pytest

from benchmarks.logme import logme


def best_evidence(features: np.ndarray, label: np.ndarray) -> float:
    """Max of log N(y; 0, I / beta + F F^T / alpha) / N over a grid: the same quantity, written down from its definition."""
    num = len(label)
    grid = np.exp(np.linspace(-6, 16, 111))
    values, vectors = np.linalg.eigh(features @ features.T)
    along = np.square(vectors.T @ label)
    variance = np.maximum(values, 0)[None, None, :] / grid[:, None, None] + 1 / grid[None, :, None]
    evidence = -0.5 * (np.log(2 * np.pi * variance) + along / variance).sum(axis=2)
    return float(evidence.max()) / num


@pytest.mark.parametrize(("num", "width"), [(60, 8), (30, 50)])
def test_it_is_the_highest_evidence_of_a_bayesian_linear_model(num: int, width: int) -> None:
    random = np.random.default_rng(num)
    targets = random.integers(0, 3, num)
    features = np.eye(3)[targets] @ random.normal(size=(3, width)) + 0.7 * random.normal(size=(num, width))
    expected = np.mean([best_evidence(features, (targets == index).astype(float)) for index in range(3)])
    assert logme(features, targets) == pytest.approx(expected, abs=0.01)


def test_features_that_tell_more_score_higher() -> None:
    random = np.random.default_rng(0)
    targets = random.integers(0, 3, 200)
    centres = random.normal(size=(3, 64))
    scores = [logme(distance * centres[targets] + random.normal(size=(200, 64)), targets) for distance in (0.0, 0.5, 1.0, 2.0)]
    assert scores == sorted(scores)
