"""The division: shares, stability, and what a split without a share means."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlstudio.domain.splits import Split, SplitPlan, SplitUnit, assign_splits


def units(number: int, *, name: str = "a", start: int = 0, size: int = 1) -> list[SplitUnit]:
    return [SplitUnit(key=f"{name}{index}", class_id=name, num_samples=size) for index in range(start, start + number)]


def test_shares_are_met_class_by_class() -> None:
    assigned = assign_splits([*units(100), *units(20, name="b")], SplitPlan())
    assert Counter(split for key, split in assigned.items() if key.startswith("a")) == {Split.TRAIN: 70, Split.VAL: 15, Split.TEST: 15}
    assert Counter(split for key, split in assigned.items() if key.startswith("b")) == {Split.TRAIN: 14, Split.VAL: 3, Split.TEST: 3}


def test_a_large_unit_counts_with_all_its_samples() -> None:
    assigned = assign_splits([*units(1, name="big", size=50), *(unit for unit in units(50))], SplitPlan())
    assert assigned["big0"] is Split.TRAIN


@given(first=st.integers(0, 60), then=st.integers(0, 60), seed=st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_adding_never_moves_and_seeds_differ_only_for_new_units(first: int, then: int, seed: int) -> None:
    plan = SplitPlan(seed=seed)
    before = assign_splits(units(first), plan)
    placed = [SplitUnit(key=unit.key, class_id="a", num_samples=1, split=before[unit.key]) for unit in units(first)]
    after = assign_splits([*placed, *units(then, start=first)], plan)
    assert not set(after) & set(before)
    assert len(after) == then
    counts = Counter([*before.values(), *after.values()])
    total = first + then
    assert all(abs(counts[split] - share * total) <= 2 for split, share in zip(Split, (0.7, 0.15, 0.15), strict=True))


def test_the_order_of_the_units_does_not_matter() -> None:
    assert assign_splits(units(40), SplitPlan()) == assign_splits(units(40)[::-1], SplitPlan())
    assert assign_splits(units(40), SplitPlan()) != assign_splits(units(40), SplitPlan(seed=1))


def test_a_split_without_a_share_is_not_filled_and_does_not_count() -> None:
    given_test = [SplitUnit(key=f"t{index}", class_id="a", num_samples=1, split=Split.TEST) for index in range(500)]
    assigned = assign_splits([*given_test, *units(100)], SplitPlan(train=0.85, val=0.15, test=0.0))
    assert Counter(assigned.values()) == {Split.TRAIN: 85, Split.VAL: 15}


def test_data_with_its_own_parts_sends_the_rest_to_training() -> None:
    assert set(assign_splits(units(20), SplitPlan(given=True)).values()) == {Split.TRAIN}


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.2, -0.1, -0.1)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float, float]) -> None:
    train, val, test = shares
    with pytest.raises(ValueError, match="shares"):
        SplitPlan(train=train, val=val, test=test)
