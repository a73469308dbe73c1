"""Dividing again: what is foretold is what happens, the kept test set stays, what would be missing is named."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tlstudio.domain.commands import SetGroups
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Class, NewSample, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.operations.edits import set_split
from tlstudio.operations.split_preview import MissingPart, preview
from tlstudio.operations.splitting import division, split, split_again
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def add(project: Project, num_by_class: dict[str, int], *, given_split: Split | None = None) -> None:
    root = project.add_root(project.folder.parent / "data", copied=False)
    part = given_split.value if given_split else ""
    new = [
        NewSample(
            path=f"{part}/{name}/{number}.png",
            content_hash=f"{part}{name}{number}",
            width_px=1,
            height_px=1,
            format="PNG",
            class_name=name,
            split=given_split,
        )
        for name, amount in num_by_class.items()
        for number in range(amount)
    ]
    project.add_samples(root, new, given_splits=given_split is not None)


def splits(project: Project) -> dict[int, Split | None]:
    return {sample.id: sample.split for sample in project.dataset().samples}


@pytest.mark.parametrize("keep_test", [True, False])
@pytest.mark.parametrize("plan", [SplitPlan(seed=7), SplitPlan(train=0.5, val=0.2, test=0.3), SplitPlan()])
def test_what_is_foretold_is_what_happens(project: Project, plan: SplitPlan, keep_test: bool) -> None:
    add(project, {"a": 60, "b": 25, "c": 4})
    split(project)
    set_split(project, [1, 2, 3], Split.VAL)
    before = splits(project)
    told = preview(project.dataset(), plan, keep_test=keep_test)
    split_again(project, plan, keep_test=keep_test)
    after = splits(project)
    assert told.num_moving == sum(after[id] is not before[id] for id in before)
    assert told.num_by_split == Counter(after.values())
    assert (told.num_images, told.num_by_hand) == (89, 3)
    assert {after[id] for id in (1, 2, 3)} == {Split.VAL}
    if keep_test:
        assert {id for id in after if after[id] is Split.TEST} == {id for id in before if before[id] is Split.TEST}
    project.undo()
    assert splits(project) == before


def test_the_same_plan_moves_nothing_and_another_seed_does(project: Project) -> None:
    add(project, {"a": 60, "b": 30})
    split(project)
    assert preview(project.dataset(), project.dataset().plan, keep_test=False).num_moving == 0
    assert preview(project.dataset(), SplitPlan(seed=1), keep_test=False).num_moving > 20
    kept = preview(project.dataset(), SplitPlan(seed=1), keep_test=True)
    assert 0 < kept.num_moving < 40
    assert kept.num_by_split == {Split.TRAIN: 63, Split.VAL: 14, Split.TEST: 13}


def test_a_given_test_set_is_kept_and_the_rest_divided(project: Project) -> None:
    for part, number in ((Split.TRAIN, 40), (Split.VAL, 4), (Split.TEST, 20)):
        add(project, {"a": number, "b": number}, given_split=part)
    assert project.dataset().plan.given
    plan = SplitPlan(train=0.6, val=0.2, test=0.2)
    told = preview(project.dataset(), plan, keep_test=True)
    assert told.num_by_split == {Split.TRAIN: 66, Split.VAL: 22, Split.TEST: 40}
    assert preview(project.dataset(), plan, keep_test=False).num_by_split[Split.TEST] == 26
    split_again(project, plan, keep_test=True)
    again = preview(project.dataset(), SplitPlan(seed=9), keep_test=False)
    assert again.num_by_hand == 40, "the data's own test images stay where they are"
    assert again.num_by_split[Split.TEST] == 40


def test_what_would_be_missing_is_named(project: Project) -> None:
    add(project, {"a": 40, "b": 2, "c": 1})
    split(project)
    told = preview(project.dataset(), SplitPlan(seed=1), keep_test=False)
    assert set(told.missing) == {
        MissingPart(class_name="b", split=Split.VAL),
        MissingPart(class_name="b", split=Split.TEST),
        MissingPart(class_name="c", split=Split.VAL),
        MissingPart(class_name="c", split=Split.TEST),
    }
    assert told.can_train
    set_split(project, [41, 42], Split.TEST)
    assert MissingPart(class_name="b", split=Split.TRAIN) in preview(project.dataset(), SplitPlan(seed=1), keep_test=False).missing
    without = preview(project.dataset(), SplitPlan(train=1.0, val=0.0, test=0.0), keep_test=False)
    assert not without.can_train


def test_groups_and_copies_that_stay_whole_are_counted(project: Project) -> None:
    add(project, {"a": 20, "b": 20})
    root = project.dataset().roots[0]
    copy = NewSample(path="copy.png", content_hash="b3", width_px=1, height_px=1, format="PNG", class_name="b")
    project.add_samples(root, [copy], given_splits=False)
    split(project)
    project.apply(SetGroups(group_by_sample={id: f"slide {id % 3}" for id in range(1, 13)}))
    told = preview(project.dataset(), SplitPlan(seed=2), keep_test=False)
    assert (told.num_groups, told.num_copy_sets) == (3, 1)
    placed = division(project.dataset(), SplitPlan(seed=2))
    assert all(len({placed[sample.id] for sample in unit}) == 1 for unit in project.dataset().units)


SAMPLES = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from(list(Split)), st.booleans(), st.sampled_from([None, None, "g1", "g2"]), st.integers(0, 30)
    ),
    max_size=50,
)


@given(rows=SAMPLES, seed=st.integers(0, 3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_kept_test_set_loses_nothing_and_gains_only_what_belongs_to_it(
    rows: list[tuple[str, Split, bool, str | None, int]], seed: int
) -> None:
    samples = tuple(
        Sample(
            id=number,
            root=1,
            path=f"{number}.png",
            content_hash=f"{content:02d}",
            width_px=1,
            height_px=1,
            format="PNG",
            state=SampleState.READY,
            class_id=name,
            split=part,
            split_given=given,
            group=group,
        )
        for number, (name, part, given, group, content) in enumerate(rows, 1)
    )
    classes = tuple(Class(id=name, name=name, position=place) for place, name in enumerate("ab"))
    dataset = Dataset(samples=samples, classes=classes, roots=(), plan=SplitPlan())
    placed = division(dataset, SplitPlan(seed=seed), keep_test=True)
    before = {sample.id for sample in samples if sample.split is Split.TEST}
    after = {sample.id for sample in samples if placed.get(sample.id, sample.split) is Split.TEST}
    assert before <= after
    related = {sample.id for unit in dataset.units if any(item.id in before for item in unit) for sample in unit}
    assert after - before <= related
