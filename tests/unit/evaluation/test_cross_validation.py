"""The figures of a cross-validation, by hand: means, the corrected interval, and folds that agree by chance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from tlstudio.domain.events import FoldJudged
from tlstudio.evaluation import cross_validation
from tlstudio.evaluation.cross_validation import build, interval


def fold(number: int, matrix: list[list[int]]) -> FoldJudged:
    return FoldJudged(fold=number, num_train=40, penalty=0.1, confusion=tuple(tuple(row) for row in matrix))


FOLDS = [fold(0, [[8, 2], [1, 9]]), fold(1, [[10, 0], [4, 6]]), fold(2, [[5, 5], [0, 10]])]


def test_the_report_is_what_the_folds_say() -> None:
    report = build(FOLDS, class_names=("ants", "bees"), num_units=60)
    assert [item.accuracy for item in report.folds] == [0.85, 0.8, 0.75]
    assert report.accuracy.value == pytest.approx(0.8)
    assert report.confusion == ((23, 7), (5, 25))
    assert report.pooled_accuracy == pytest.approx(48 / 60)
    assert (report.num_images, [item.num_images for item in report.folds]) == (60, [20, 20, 20])
    assert [(item.name, item.num_images, item.recall) for item in report.classes] == [("ants", 30, 23 / 30), ("bees", 30, 25 / 30)]


def test_the_interval_is_that_of_nadeau_and_bengio() -> None:
    figures = [0.9, 0.5, 0.7, 0.95, 0.6]
    mean = sum(figures) / 5
    variance = sum((figure - mean) ** 2 for figure in figures) / 4
    half = t.ppf(0.975, 4) * math.sqrt((1 / 5 + 1 / 4) * variance)
    found = interval(figures, num_units=5000)
    assert found.value == pytest.approx(mean)
    assert found.low == pytest.approx(mean - half, abs=1e-4)
    assert found.high == 1.0, "cut off at what can be"


def test_the_quantiles_are_those_of_students_t() -> None:
    assert list(cross_validation._T_975) == pytest.approx([t.ppf(0.975, freedom) for freedom in range(2, 20)], abs=1e-4)


@pytest.mark.parametrize("figure", [1.0, 0.9, 0.0])
def test_folds_that_agree_do_not_claim_to_know_for_certain(figure: float) -> None:
    found = interval([figure] * 5, num_units=50)
    assert found.high - found.low > 0.05
    assert interval([figure] * 5, num_units=5000).low > found.low or figure == 0.0


@given(figures=st.lists(st.floats(0, 1), min_size=3, max_size=20), num_units=st.integers(20, 10_000))
def test_the_mean_lies_in_its_interval_and_the_interval_in_what_can_be(figures: list[float], num_units: int) -> None:
    found = interval(figures, num_units=num_units)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_copies_do_not_make_the_interval_narrower() -> None:
    few, many = (interval([0.9] * 5, num_units=num) for num in (40, 400))
    assert few.high - few.low > many.high - many.low
