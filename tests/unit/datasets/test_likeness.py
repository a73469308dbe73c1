"""The row in which neighbours look alike: every image once, twins side by side, classes in stripes, the same row every time."""

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recorded import picture
from tlstudio.datasets import likeness
from tlstudio.datasets.likeness import row_of
from tlstudio.datasets.looks import NUM_LAYOUT, NUM_PALETTE, look_of


def looks(num: int, seed: int) -> np.ndarray:
    """float32[num, D] of noise."""
    return np.random.default_rng(seed).random((num, NUM_LAYOUT + NUM_PALETTE)).astype(np.float32)


@given(num=st.integers(0, 90), seed=st.integers(0, 1000), part=st.sampled_from([4, 16, 4096]))
def test_every_image_has_one_place_whatever_their_number(num: int, seed: int, part: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "MAX_PART", part)
        row = row_of(looks(num, seed))
        assert row is not None
        assert sorted(row) == list(range(num))
        assert row == row_of(looks(num, seed))


def test_images_that_are_all_the_same_have_their_places_too() -> None:
    row = row_of(np.ones((200, NUM_LAYOUT + NUM_PALETTE), np.float32))
    assert row is not None
    assert sorted(row) == list(range(200))


def test_twins_stand_side_by_side() -> None:
    singles = looks(150, 1)
    twins = np.concatenate([singles, singles + 0.001])
    row = row_of(twins)
    assert row is not None
    places = {item: place for place, item in enumerate(row)}
    assert all(abs(places[item] - places[item + 150]) == 1 for item in range(150))


@pytest.mark.parametrize("part", [20, 4096], ids=["cut into parts", "in one"])
def test_classes_come_in_stripes(monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    monkeypatch.setattr(likeness, "MAX_PART", part)
    items = [(class_index, item) for item in range(40) for class_index in range(3)]
    row = row_of(np.stack([look_of(picture(*item)) for item in items]))
    assert row is not None
    classes = [items[index][0] for index in row]
    assert sum(one == other for one, other in itertools.pairwise(classes)) >= 110, "of 119; by chance it would be 40"


def test_it_can_be_stopped() -> None:
    stop = threading.Event()
    told: list[int] = []

    def tell(done: int) -> None:
        told.append(done)
        stop.set()

    assert row_of(looks(2000, 0), tell=tell, stop=stop) is None
    assert told == [0]
