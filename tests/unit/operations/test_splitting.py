"""Dividing images: shares per class, stable, copies together, undone with one key."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import message
from tlstudio.operations.edits import set_class, set_split
from tlstudio.operations.split_book import SplitBook, ToPlace
from tlstudio.operations.split_preview import preview
from tlstudio.operations.splitting import split, split_again, split_labelled
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def add(project: Project, num_by_class: dict[str | None, int], *, start: int = 0) -> None:
    root = project.add_root(project.folder.parent / "data", copied=False)
    new = [
        NewSample(path=f"{name}/{number}.png", content_hash=f"{name}{number}", width_px=1, height_px=1, format="PNG", class_name=name)
        for name, amount in num_by_class.items()
        for number in range(start, start + amount)
    ]
    project.add_samples(root, new, given_splits=False)


def add_given(project: Project) -> None:
    """Forty images that came divided, as folders called train, val and test bring them."""
    project.set_settings(msgspec.structs.replace(project.settings(), split_plan=SplitPlan(given=True)))
    root = project.add_root(project.folder.parent / "data", copied=False)
    parts = [Split.TRAIN] * 5 + [Split.VAL] * 3 + [Split.TEST] * 2
    new = [
        NewSample(
            path=f"{part}/{name}/{number}.png",
            content_hash=f"{name}{number}",
            width_px=1,
            height_px=1,
            format="PNG",
            class_name=name,
            split=part,
        )
        for name in ("a", "b")
        for number, part in enumerate(parts * 2)
    ]
    project.add_samples(root, new, given_splits=True)


def splits(project: Project) -> dict[str, Split | None]:
    return {sample.path: sample.split for sample in project.dataset().samples}


def test_shares_hold_within_every_class(project: Project) -> None:
    add(project, {"a": 100, "b": 40, "c": 7, "d": 1, "e": 3, None: 5})
    change = split(project)
    assert change.words is not None
    assert change.words.text() == "151 images divided"
    counts: dict[str, Counter[Split | None]] = {}
    for path, part in splits(project).items():
        counts.setdefault(path.split("/")[0], Counter())[part] += 1
    assert counts["a"] == {Split.TRAIN: 70, Split.VAL: 15, Split.TEST: 15}
    assert counts["b"] == {Split.TRAIN: 28, Split.VAL: 6, Split.TEST: 6}
    assert counts["c"] == {Split.TRAIN: 5, Split.VAL: 1, Split.TEST: 1}
    assert counts["d"] == {Split.TRAIN: 1}
    assert counts["e"] == {Split.TRAIN: 2, Split.VAL: 1}
    assert counts["None"] == {None: 5}


def test_what_is_placed_stays_when_more_comes(project: Project) -> None:
    add(project, {"a": 37, "b": 11})
    split(project)
    before = splits(project)
    add(project, {"a": 63, "b": 400}, start=1000)
    split(project)
    after = splits(project)
    assert {path: after[path] for path in before} == before
    assert Counter(part for path, part in after.items() if path.startswith("a")) == {Split.TRAIN: 70, Split.VAL: 15, Split.TEST: 15}


def test_dividing_by_itself_is_not_an_edit_but_dividing_again_is(project: Project) -> None:
    add(project, {"a": 20, "b": 20})
    split(project)
    assert project.undo_words is None
    before = splits(project)
    split_again(project, SplitPlan(seed=1))
    assert splits(project) != before
    assert project.dataset().plan.seed == 1
    project.undo()
    assert splits(project) == before


def test_a_division_that_came_with_the_data_is_given_back_whole_by_undo(project: Project) -> None:
    add_given(project)
    plan = SplitPlan(seed=4)
    before = preview(project.dataset(), plan, keep_test=False)
    assert before.num_moving > 0
    split_again(project, plan)
    after = splits(project)
    again = preview(project.dataset(), plan, keep_test=False)
    project.undo()
    assert project.dataset().plan.given
    assert preview(project.dataset(), plan, keep_test=False) == before
    project.redo()
    assert splits(project) == after
    assert not project.dataset().plan.given
    assert preview(project.dataset(), plan, keep_test=False) == again


def test_other_shares_that_move_no_image_are_taken_back_too(project: Project) -> None:
    add(project, {"a": 1})
    split(project)
    split_again(project, SplitPlan(train=0.9, val=0.1, test=0.0))
    assert project.undo_words is not None
    project.undo()
    assert project.dataset().plan == SplitPlan()


def test_what_undo_gives_back_is_there_after_a_restart(project: Project) -> None:
    add_given(project)
    split_again(project, SplitPlan(seed=4))
    project.close()
    again = Project.open(project.folder)
    again.undo()
    assert again.settings().split_plan == again.dataset().plan == SplitPlan(given=True)
    again.close()


def test_dividing_again_with_other_shares_keeps_what_a_person_placed(project: Project) -> None:
    add(project, {"a": 50, "b": 50})
    split(project)
    by_hand = [sample.id for sample in project.dataset().samples[:5]]
    set_split(project, by_hand, Split.TEST)
    split_again(project, SplitPlan(train=0.8, val=0.2, test=0.0, seed=3))
    dataset = project.dataset()
    assert dataset.num_by_split == {Split.TRAIN: 76, Split.VAL: 19, Split.TEST: 5}
    assert [sample.id for sample in dataset.samples if sample.split is Split.TEST] == by_hand


def test_labels_given_later_bring_a_split(project: Project) -> None:
    add(project, {"a": 10, "b": 10, None: 10})
    split(project)
    dataset = project.dataset()
    waiting = [sample.id for sample in dataset.samples if sample.class_id is None]
    assert split_labelled(project, waiting) is None
    set_class(project, waiting, dataset.classes[0].id)
    dataset = project.dataset()
    assert all(sample.split for sample in dataset.samples)
    assert Counter(sample.split for sample in dataset.samples if sample.class_id == dataset.classes[0].id)[Split.TRAIN] == 14


def test_a_label_that_is_taken_back_takes_its_place_in_the_division_with_it(project: Project) -> None:
    add(project, {"a": 10, "b": 10, None: 10})
    split(project)
    before = project.dataset().samples
    waiting = [sample.id for sample in before if sample.class_id is None]
    mixed = [1, *waiting]
    change = set_class(project, mixed, project.dataset().classes[1].id)
    assert set(change.samples) == set(mixed)
    after = project.dataset().samples
    project.undo()
    assert project.dataset().samples == before
    assert project.undo_words is None, "one step"
    project.redo()
    assert project.dataset().samples == after


def test_files_that_cannot_be_read_get_no_place_with_their_label(project: Project) -> None:
    add(project, {"a": 10})
    root = project.dataset().roots[0]
    unread = [
        NewSample(path=f"{number}.png", content_hash="", width_px=0, height_px=0, format="", reason=message("r", "It is empty."))
        for number in range(2)
    ]
    project.add_samples(root, unread, given_splits=False)
    split(project)
    set_class(project, [11, 12], project.dataset().classes[0].id)
    assert [(sample.class_id is None, sample.split) for sample in project.samples([11, 12])] == [(False, None)] * 2


def test_batches_give_the_same_shares_as_one_go() -> None:
    book = SplitBook(SplitPlan())
    placed = [part for start in range(0, 1000, 64) for part in book.place(_images(start, min(64, 1000 - start)))]
    assert Counter(placed) == {Split.TRAIN: 700, Split.VAL: 150, Split.TEST: 150}


def _images(start: int, number: int) -> list[ToPlace]:
    return [ToPlace(content_hash=f"{index}", class_name="a") for index in range(start, start + number)]


def test_copies_follow_the_first_of_them() -> None:
    book = SplitBook(SplitPlan())
    book.note("x", "a", Split.TEST)
    assert book.place([ToPlace(content_hash="x", class_name="b"), ToPlace(content_hash="x", class_name="a")]) == [Split.TEST, Split.TEST]
    twice = book.place([ToPlace(content_hash="y", class_name="a"), ToPlace(content_hash="y", class_name="b")])
    assert twice[0] is twice[1]
