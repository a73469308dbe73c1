"""Runs on the same images: what tells one apart from the best is more than what parts equal ones, all of them taken together."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tlstudio.evaluation.pairs import lags, share
from tlstudio.evaluation.predictions import Predictions

_TRUTH = np.repeat([0, 1], (4, 8))


def answers(
    *wrong: int,
    order: NDArray[np.int64] | None = None,
    first: int = 0,
    classes: tuple[str, ...] = ("a", "b"),
    truth: NDArray[np.int64] = _TRUTH,
) -> Predictions:
    """Of `order` of the images, right on all but those at `wrong`; samples are numbered from `first`."""
    predicted = truth.copy()
    predicted[list(wrong)] = 1 - predicted[list(wrong)]
    places = np.arange(len(truth)) if order is None else order
    return Predictions(
        logits=np.eye(2, dtype=np.float32)[predicted][places],
        features=np.zeros((len(places), 0), np.float16),
        samples=places + first,
        splits=np.ones(len(places), np.uint8),
        targets=truth[places],
        class_ids=classes,
        class_names=classes,
    )


def test_classes_of_unequal_size_count_alike() -> None:
    shared = share([answers(4, 5), answers(0, 4, 5), answers(4, 5, 6, 7)])
    judged = lags(shared.is_right, shared.truth)
    # With one image right and one wrong added: a is 5/6, 4/6, 5/6; b is 7/10, 7/10, 5/10.
    assert judged.behind == pytest.approx([0, (5 / 6 - 4 / 6) / 2, (7 / 10 - 5 / 10) / 2])
    assert not judged.is_told_apart.any()


def test_the_chance_of_a_single_image_is_that_of_its_three_draws() -> None:
    """One image, one run right on it: a resample is three draws of it and of two coins a run, and the runs differ by d of three."""
    judged = lags(np.array([[True], [False]]), np.zeros(1, np.int64), num_resamples=50_000)
    assert judged.behind == pytest.approx([0, 1 / 3])
    # One draw is +1 with 1/3 + 2/3 * 1/4 = 1/2, 0 with 1/3, -1 with 1/6; d is centred at 1. |d - 1| is 4 with (1/6)^3 = 0.005, 3 or more
    # with 0.005 + 3 * (1/6)^2 * 1/3 = 0.032 and 2 or more with 0.032 + 3 * (1/6)^2 * 1/2 + 3 * 1/6 * (1/3)^2 + (1/2)^3 = 0.255.
    assert judged.chance == pytest.approx(2 / 3)


def test_the_order_of_the_images_does_not_matter_and_images_of_one_run_alone_do_not_count() -> None:
    runs = [answers(5), answers(0, 5, 6)]
    shuffled = answers(0, 5, 6, order=np.random.default_rng(0).permutation(len(_TRUTH)))
    part = answers(0, 5, 6, order=np.arange(2, 12))
    plain, other, fewer = (share([runs[0], item]) for item in (runs[1], shuffled, part))
    judged = [lags(item.is_right, item.truth) for item in (plain, other)]
    assert np.array_equal(judged[0].behind, judged[1].behind)
    assert judged[0].chance == judged[1].chance
    assert fewer.is_right.tolist() == [[True] * 3 + [False] + [True] * 6, [True] * 3 + [False, False] + [True] * 5]
    assert fewer.truth.tolist() == [0, 0] + [1] * 8


def test_other_classes_other_labels_and_other_images_are_not_compared() -> None:
    relabelled = np.where(np.arange(12) == 3, 1, _TRUTH)
    others = [answers(classes=("a", "c")), answers(truth=relabelled), answers(first=12), answers(1)]
    shared = share([answers(), *others])
    assert shared.kept == (0, 4)
    assert shared.is_right.sum(axis=1).tolist() == [12, 11]
    assert share([answers(order=np.arange(0)), answers()]).kept == (0,)


def test_one_image_in_a_class_of_one_parts_no_two_runs() -> None:
    """Drawn from itself it is always the same; without the added images the difference would be certain."""
    truth = np.array([0] + [1] * 50)
    is_right = np.ones((2, 51), bool)
    is_right[1, 0] = False
    assert not lags(is_right, truth).is_told_apart.any()


def test_errors_on_the_same_images_tell_more_than_as_many_on_others() -> None:
    truth = np.repeat([0, 1], 100)
    is_right = np.ones((2, 200), bool)
    is_right[0, :30] = is_right[1, :45] = False
    assert lags(is_right, truth).is_told_apart.tolist() == [False, True]
    is_right[1] = True
    is_right[1, 40:85] = False
    assert lags(is_right, truth).is_told_apart.tolist() == [False, False], "the images they differ on are 75, not 15"


@pytest.mark.parametrize(("num_runs", "sizes"), [(3, (200, 60)), (10, (60, 20)), (10, (5, 40))])
def test_of_sweeps_of_equal_trials_few_tell_any_apart_and_a_clearly_worse_one_is(num_runs: int, sizes: tuple[int, int]) -> None:
    """Of 60 sweeps 5 % are 3; 9 or more have a chance of 0.3 %, and the seeds are fixed."""
    num_sweeps = 60
    random = np.random.default_rng(5)
    truth = np.repeat([0, 1], sizes)
    num_apart, num_worse = 0, 0
    for _ in range(num_sweeps):
        is_hard = random.random(len(truth)) < 0.2  # the runs err on much the same images
        is_right = random.random((num_runs, len(truth))) < np.where(is_hard, 0.4, 0.97)
        figures = (is_right[:, truth == 0].mean(axis=1) + is_right[:, truth == 1].mean(axis=1)) / 2
        ranked = is_right[np.argsort(-figures)]
        num_apart += bool(lags(ranked, truth, num_resamples=400).is_told_apart.any())
        worse = ranked[-1] & (random.random(len(truth)) < 0.3)
        num_worse += bool(lags(np.vstack((ranked[:-1], worse)), truth, num_resamples=400).is_told_apart[-1])
    assert num_apart <= 8
    assert num_worse >= 50
