"""Intervals: where they should lie, what they agree with, and how fast they are."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tlstudio.evaluation import metrics
from tlstudio.evaluation.intervals import bootstrap, resample

matrices = st.integers(2, 6).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, 12), min_size=size, max_size=size), min_size=size, max_size=size)
)


@given(matrices.filter(lambda rows: sum(map(sum, rows)) > 0))
@settings(max_examples=50, deadline=None)
def test_every_figure_is_a_share_and_its_interval_is_in_order(rows: list[list[int]]) -> None:
    figures = bootstrap(np.array(rows), num_resamples=200)
    for estimate in (figures.accuracy, figures.balanced_accuracy, figures.macro_f1):
        assert 0.0 <= estimate.low <= estimate.high <= 1.0
        assert 0.0 <= estimate.value <= 1.0


@given(matrices)
@settings(max_examples=50, deadline=None)
def test_a_resample_keeps_the_number_of_images_of_every_class(rows: list[list[int]]) -> None:
    matrix = np.array(rows)
    drawn = resample(matrix, num_resamples=20, seed=1)
    assert (drawn.truth == matrix.sum(axis=1)).all()
    assert (drawn.right <= drawn.truth).all()
    assert (drawn.answered.sum(axis=1) == matrix.sum()).all()
    assert (drawn.right[:, matrix.diagonal() == 0] == 0).all()


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_interval() -> None:
    matrix = np.array([[80, 9], [6, 40]])
    assert bootstrap(matrix, seed=3) == bootstrap(matrix, seed=3)
    assert bootstrap(matrix, seed=3).accuracy != bootstrap(matrix, seed=4).accuracy


def test_the_interval_is_that_of_drawing_the_images_one_by_one() -> None:
    matrix = np.array([[40, 5, 0], [4, 30, 6], [1, 3, 9]])
    truth, predicted = (np.repeat(index.ravel(), matrix.ravel()) for index in np.indices(matrix.shape))
    random = np.random.default_rng(7)
    figures = []
    for _ in range(2000):
        rows = np.concatenate([random.choice(np.flatnonzero(truth == item), (truth == item).sum()) for item in range(3)])
        counts = metrics.count(metrics.confusion(truth[rows], predicted[rows], num_classes=3))
        figures.append([metrics.accuracy(counts), metrics.balanced_accuracy(counts), metrics.macro_f1(counts)])
    low, high = np.quantile(figures, (0.025, 0.975), axis=0)
    ours = bootstrap(matrix)
    for index, estimate in enumerate((ours.accuracy, ours.balanced_accuracy, ours.macro_f1)):
        assert estimate.low == pytest.approx(low[index], abs=0.015)
        assert estimate.high == pytest.approx(high[index], abs=0.015)


def test_accuracy_of_one_class_agrees_with_the_percentile_bootstrap_of_scipy() -> None:
    right = np.repeat([1, 0], [88, 12])
    theirs = stats.bootstrap((right,), np.mean, n_resamples=5000, method="percentile", rng=np.random.default_rng(1), vectorized=True)
    ours = bootstrap(np.array([[88, 12], [0, 0]]), num_resamples=5000).accuracy
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.011)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.011)


def test_about_95_of_100_intervals_hold_the_true_accuracy() -> None:
    random = np.random.default_rng(0)
    held = 0
    for round_number in range(200):
        right = random.binomial((120, 80), (0.9, 0.8))
        matrix = np.array([[right[0], 120 - right[0]], [80 - right[1], right[1]]])
        interval = bootstrap(matrix, num_resamples=400, seed=round_number).accuracy
        held += interval.low <= (120 * 0.9 + 80 * 0.8) / 200 <= interval.high
    assert 0.90 <= held / 200 <= 0.99


@pytest.mark.parametrize("num", [1, 4, 30, 400])
@pytest.mark.parametrize("is_right", [True, False])
def test_a_split_that_is_all_right_or_all_wrong_is_no_certainty(num: int, is_right: bool) -> None:
    half = num // 2
    matrix = np.array([[num - half, 0], [0, half]] if is_right else [[0, num - half], [half, 0]])
    exact = stats.binomtest(num if is_right else 0, num).proportion_ci(0.95, method="exact")
    found = bootstrap(matrix)
    for figure in (found.accuracy, found.balanced_accuracy, found.macro_f1):
        assert figure.low == pytest.approx(exact.low, abs=1e-9)
        assert figure.high == pytest.approx(exact.high, abs=1e-9)


def test_more_images_make_a_narrower_interval() -> None:
    small, large = bootstrap(np.array([[8, 2], [3, 7]])), bootstrap(np.array([[800, 200], [300, 700]]))
    assert large.accuracy.high - large.accuracy.low < (small.accuracy.high - small.accuracy.low) / 5


@pytest.mark.parametrize("num_classes", [3, 40, 100])
def test_ten_thousand_images_take_less_than_a_second(num_classes: int) -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, num_classes, 10_000)
    predicted = np.where(random.random(10_000) < 0.8, truth, random.integers(0, num_classes, 10_000))
    matrix = metrics.confusion(truth, predicted, num_classes=num_classes)
    started = time.process_time()
    bootstrap(matrix)
    assert time.process_time() - started < 1.0
