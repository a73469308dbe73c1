"""Two runs on the same images: whether they are told apart follows from the images on which they differ, not from each one's interval."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tlstudio.evaluation.pairs import balanced_difference
from tlstudio.evaluation.predictions import Predictions

_TRUTH = np.repeat([0, 1], 100)


def answers(predicted: NDArray[np.int64], *, order: NDArray[np.int64] | None = None, first_sample: int = 0) -> Predictions:
    places = np.arange(len(predicted)) if order is None else order
    return Predictions(
        logits=np.eye(2, dtype=np.float32)[predicted][places],
        features=np.zeros((len(predicted), 0), np.float16),
        samples=places + first_sample,
        splits=np.ones(len(predicted), np.uint8),
        targets=_TRUTH[places],
        class_ids=("a", "b"),
        class_names=("a", "b"),
    )


def wrong_at(*places: int) -> NDArray[np.int64]:
    predicted = _TRUTH.copy()
    predicted[list(places)] = 1 - predicted[list(places)]
    return predicted


def test_a_run_that_errs_where_the_other_does_and_more_is_told_apart_though_their_intervals_overlap() -> None:
    best = answers(wrong_at(*range(30)))
    lead = balanced_difference(best, answers(wrong_at(*range(45))))
    assert lead is not None
    assert lead.value == pytest.approx(0.075)
    assert 0 < lead.low < lead.value < lead.high


def test_as_many_more_errors_on_other_images_are_chance() -> None:
    lead = balanced_difference(answers(wrong_at(*range(30))), answers(wrong_at(*range(40, 85))))
    assert lead is not None
    assert lead.value == pytest.approx(0.075)
    assert lead.low < 0, "the images they differ on are 75, not 15"


def test_classes_count_alike_and_the_order_of_the_images_does_not_matter() -> None:
    shuffled = np.random.default_rng(0).permutation(len(_TRUTH))
    one, other = wrong_at(3), wrong_at(3, 4, 5, 150)
    assert balanced_difference(answers(one), answers(other)) == balanced_difference(answers(one), answers(other, order=shuffled))
    alike = balanced_difference(answers(one), answers(one))
    assert alike is not None
    assert (alike.value, alike.low, alike.high) == (0, 0, 0)


def test_other_images_are_not_compared() -> None:
    assert balanced_difference(answers(_TRUTH), answers(_TRUTH, first_sample=1)) is None
