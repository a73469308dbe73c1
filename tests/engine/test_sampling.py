"""Balanced sampling: a rare class is seen as often as the others, in an epoch as long as before."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.engine.data.sampling import balanced_order, turns_of

COUNTS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def labels_of(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts).astype(np.int64)


@given(COUNTS, st.integers(0, 9), st.integers(0, 30))
def test_classes_are_drawn_equally_often_and_so_are_the_images_of_a_class(counts: list[int], seed: int, epoch: int) -> None:
    labels = labels_of(counts)
    order = balanced_order(labels, seed=seed, epoch=epoch)
    assert len(order) == len(labels)
    seen = np.bincount(labels[order], minlength=len(counts))
    assert seen.max() - seen.min() <= 1
    for label in range(len(counts)):
        times = np.bincount(order, minlength=len(labels))[labels == label]
        assert times.max() - times.min() <= 1
    assert np.array_equal(order, balanced_order(labels, seed=seed, epoch=epoch))


def test_over_the_epochs_every_image_of_a_common_class_comes() -> None:
    labels = labels_of([90, 5, 5])
    seen = np.unique(np.concatenate([balanced_order(labels, seed=0, epoch=epoch) for epoch in range(20)]))
    assert len(seen) == 100


def test_turns_count_what_came_before() -> None:
    assert turns_of(np.array([3, 1, 3, 3, 0, 1])).tolist() == [0, 0, 1, 2, 0, 1]
