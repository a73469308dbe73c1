"""How many views are kept, which one an epoch sees, and what they take."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.prefix import num_different_views, num_views_within, prefix_bytes, view_of
from tlstudio.domain.recipe import RECIPES, FineTunePart, NetworkPart, Recipe

BALANCED = RECIPES["balanced"].build(NetworkPart(architecture="resnet18"))
sizes = st.integers(1, 1_000_000)
few = st.integers(0, 40)


def with_part(augmentation: str, **part: int) -> Recipe:
    return msgspec.structs.replace(BALANCED, augmentation=augmentation, finetune=FineTunePart(**part))


def test_views_that_are_the_same_or_never_come_are_not_kept() -> None:
    assert num_different_views(with_part("light", num_views=4, epochs=10)) == 4
    assert num_different_views(with_part("light", num_views=4, epochs=3)) == 3
    assert num_different_views(with_part("none", num_views=4, epochs=10)) == 1
    assert num_different_views(with_part("none", num_views=0, epochs=10)) == 0
    assert num_different_views(RECIPES["quick"].build(NetworkPart(architecture="resnet18"))) == 0


def test_views_take_turns_and_without_them_every_epoch_has_its_own() -> None:
    assert [view_of(epoch, 3) for epoch in range(7)] == [0, 1, 2, 0, 1, 2, 0]
    assert [view_of(epoch, 0) for epoch in range(4)] == [0, 1, 2, 3]


def test_what_a_residual_network_takes() -> None:
    """Four views of 300 images behind the second stage of resnet18, and 100 validation images in full precision."""
    number = prefix_bytes(128 * 28 * 28, num_views=4, num_train=300, num_val=100)
    assert number == pytest.approx(4 * 300 * 200_704 + 100 * 401_408, rel=1e-3)
    assert prefix_bytes(128 * 28 * 28, num_views=0, num_train=300, num_val=100) == 0


@given(room=st.integers(0, 10**12), values=sizes, wanted=few, num_train=sizes, num_val=sizes)
def test_what_is_kept_fits_is_not_less_than_half_and_could_not_be_more(
    room: int, values: int, wanted: int, num_train: int, num_val: int
) -> None:
    def size(number: int) -> int:
        return prefix_bytes(values, num_views=number, num_train=num_train, num_val=num_val)

    kept = num_views_within(room, values, num_views=wanted, num_train=num_train, num_val=num_val)
    assert size(kept) <= room
    assert kept == 0 or 2 * kept >= wanted
    if kept < wanted:
        assert size(max(kept + 1, (wanted + 1) // 2)) > room
