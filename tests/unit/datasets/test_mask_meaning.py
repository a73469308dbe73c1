"""One rule says for a whole set of masks whether their values are things or classes."""

import numpy as np
import pytest

from tlstudio.datasets.mask_meaning import MaskMeaning, class_of_value, meaning_of
from tlstudio.datasets.mask_pixels import mask_parts
from tlstudio.domain.regions import MaskPart

Held = tuple[MaskPart, ...]


def masks(*rows: list[int]) -> list[Held]:
    """Each list as a mask of one row."""
    return [mask_parts(np.array([row])) for row in rows]


@pytest.mark.parametrize(
    ("held", "meaning"),
    [
        (masks([0, 255, 0, 255], [255, 0, 0, 0], [0, 0, 0, 0]), MaskMeaning.BINARY),
        (masks([1, 1, 0, 2], [0, 1, 0, 0], [1, 2, 3, 4]), MaskMeaning.THINGS),
        (masks([1, 0, 2, 3]), MaskMeaning.THINGS),
        (masks([1, 0, 1, 2], [1, 0, 0, 1], [2, 0, 2, 1]), MaskMeaning.CLASSES),  # values in several pieces
        (masks([1, 1, 2, 2], [1, 0, 2, 2], [2, 2, 0, 1]), MaskMeaning.CLASSES),  # the same values everywhere, such as organs
        (masks([1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]), MaskMeaning.CLASSES),  # one a mask, and not always the same
        (masks([5, 0, 7, 0], [2, 5, 0, 0]), MaskMeaning.CLASSES),  # with gaps
        (masks(list(range(100, 301)), list(range(250, 451))), MaskMeaning.THINGS),  # more than there are classes
    ],
)
def test_values_are_read_by_how_they_lie(held: list[Held], meaning: MaskMeaning) -> None:
    assert meaning_of(held, {}) is meaning


def test_one_file_for_each_thing_is_binary_whatever_its_value() -> None:
    assert meaning_of(masks([0, 1, 1], [2, 0, 0], [0, 0, 3]), {}, one_file_a_thing=True) is MaskMeaning.BINARY


def test_a_list_of_classes_decides() -> None:
    held = masks([1, 0, 2, 0], [1, 0, 0, 0])
    assert meaning_of(held, {1: "root", 2: "leaf"}) is MaskMeaning.CLASSES
    assert meaning_of(held, {1: "cell"}) is MaskMeaning.THINGS
    assert class_of_value(MaskMeaning.CLASSES, 2, {1: "root", 2: "leaf"}) == "leaf"
    assert class_of_value(MaskMeaning.CLASSES, 3, {1: "root", 2: "leaf"}) is None
    assert class_of_value(MaskMeaning.THINGS, 7, {1: "cell"}) == "cell"
    assert class_of_value(MaskMeaning.CLASSES, 7, {}) == "class 7"
    assert class_of_value(MaskMeaning.BINARY, 255, {}) == "object"
