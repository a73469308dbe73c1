"""Folds: whole units, even classes, the same tomorrow, and nothing moves when images arrive."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlstudio.domain.folds import FoldPlan, FoldUnit, assign_folds

PLANS = st.builds(FoldPlan, num_folds=st.integers(3, 8), seed=st.integers(0, 5))
MIXED = st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=1, max_size=3), max_size=60)


def named(contents: list[dict[str, int]], *, start: int = 0) -> list[FoldUnit]:
    return [FoldUnit(key=f"unit {start + index}", num_by_class=item) for index, item in enumerate(contents)]


def held(units: list[FoldUnit], folds: dict[str, int], num_folds: int) -> dict[str, list[int]]:
    """Samples of each class by fold."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * num_folds)
    for unit in units:
        for name, number in unit.num_by_class.items():
            counts[name][folds[unit.key]] += number
    return counts


@given(contents=MIXED, plan=PLANS)
def test_every_unit_has_one_fold_and_the_order_they_come_in_does_not_matter(contents: list[dict[str, int]], plan: FoldPlan) -> None:
    units = named(contents)
    folds = assign_folds(units, plan)
    assert folds.keys() == {unit.key for unit in units}
    assert all(0 <= fold < plan.num_folds for fold in folds.values())
    assert assign_folds(units[::-1], plan) == folds
    assert len(set(folds.values())) == min(len(units), plan.num_folds), "no fold is empty while another has two units"


@given(sizes=st.dictionaries(st.sampled_from("abcd"), st.integers(1, 80), min_size=1), plan=PLANS)
def test_single_images_are_dealt_evenly_within_every_class(sizes: dict[str, int], plan: FoldPlan) -> None:
    units = [FoldUnit(key=f"{name}{index}", num_by_class={name: 1}) for name, number in sizes.items() for index in range(number)]
    for counts in held(units, assign_folds(units, plan), plan.num_folds).values():
        assert max(counts) - min(counts) <= 1


@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=80), plan=PLANS)
def test_whole_units_differ_by_one_of_them_at_most(sizes: list[int], plan: FoldPlan) -> None:
    units = named([{"a": size} for size in sizes])
    [counts] = held(units, assign_folds(units, plan), plan.num_folds).values()
    assert max(counts) - min(counts) <= max(sizes)


@given(first=MIXED, then=MIXED, plan=PLANS)
@settings(max_examples=60)
def test_what_arrives_later_moves_nothing(first: list[dict[str, int]], then: list[dict[str, int]], plan: FoldPlan) -> None:
    before = assign_folds(named(first), plan)
    kept = [FoldUnit(key=unit.key, num_by_class=unit.num_by_class, fold=before[unit.key]) for unit in named(first)]
    after = assign_folds([*kept, *named(then, start=len(first))], plan)
    assert {key: after[key] for key in before} == before


def test_what_arrives_later_fills_the_folds_that_have_least() -> None:
    kept = [FoldUnit(key=f"old {index}", num_by_class={"a": 1}, fold=0) for index in range(10)]
    new = [FoldUnit(key=f"new {index}", num_by_class={"a": 1}) for index in range(40)]
    assert Counter(assign_folds([*kept, *new], FoldPlan()).values()) == dict.fromkeys(range(5), 10)


def test_another_seed_deals_otherwise() -> None:
    units = named([{"a": 1}] * 40)
    assert assign_folds(units, FoldPlan(seed=1)) != assign_folds(units, FoldPlan(seed=2))


def test_slides_that_show_everything_keep_the_classes_even() -> None:
    units = named([{"a": 4 + index % 3, "b": 1, "c": index % 2} for index in range(30)])
    counts = held(units, assign_folds(units, FoldPlan()), 5)
    assert all(max(numbers) - min(numbers) <= 3 for numbers in counts.values())


@pytest.mark.parametrize(("num_folds", "seed"), [(2, 0), (21, 0), (5, -1)])
def test_plans_that_are_none_are_refused(num_folds: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"folds|seed"):
        FoldPlan(num_folds=num_folds, seed=seed)
