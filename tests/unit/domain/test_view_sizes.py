"""Training images that grow: from their first size to all of it over the first half of the epochs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.prefix import num_different_views
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.view_sizes import mean_area, view_sizes


@pytest.mark.parametrize(
    ("first", "size", "epochs", "expected"),
    [
        (0.5, 224, 8, (128, 128, 160, 192, 224, 224, 224, 224)),
        (1.0, 224, 3, (224, 224, 224)),
        (0.25, 128, 4, (64, 96, 128, 128)),
        (0.5, 224, 1, (224,)),
        (0.5, 96, 2, (64, 96)),
        (0.5, 64, 4, (64, 64, 64, 64)),
    ],
)
def test_sizes_by_epoch(first: float, size: int, epochs: int, expected: tuple[int, ...]) -> None:
    part = FineTunePart(first_size=first, epochs=epochs)
    found = view_sizes(part, size)
    assert found[0] == expected[0]
    assert found == expected


@given(first=st.floats(0.25, 1.0), size=st.integers(32, 600), epochs=st.integers(1, 60))
def test_they_never_shrink_and_end_whole(first: float, size: int, epochs: int) -> None:
    part = FineTunePart(first_size=first, epochs=epochs)
    found = view_sizes(part, size)
    assert list(found) == sorted(found)
    assert set(found[epochs // 2 :]) == {size}
    assert all(item == size or (item % 32 == 0 and item >= 64) for item in found)
    assert 0 < mean_area(part, size) <= 1


def test_views_of_images_that_grow_are_not_kept() -> None:
    recipe = Recipe(name="custom", network=NetworkPart(architecture="a"), finetune=FineTunePart(num_views=4, first_size=0.5))
    assert num_different_views(recipe) == 0
