"""Edits say what they did, are taken back in order, also after a restart, and leave nothing behind when they fail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.project.conftest import found
from tlstudio.domain.commands import (
    AddClass,
    AnyCommand,
    MergeClasses,
    RemoveClass,
    RenameClass,
    SetAside,
    SetClasses,
    SetGroups,
    SetNotes,
    SetSplits,
)
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import SampleState
from tlstudio.domain.splits import Split
from tlstudio.errors import BugError, TLStudioError
from tlstudio.messages import message
from tlstudio.project import queries
from tlstudio.project.project import Project


def ants(project: Project) -> str:
    return project.dataset().classes[0].id


def bees(project: Project) -> str:
    return project.dataset().classes[1].id


def look(dataset: Dataset) -> object:
    return (dataset.samples, dataset.classes)


EDITS: dict[str, tuple[Callable[[Project], AnyCommand], str]] = {
    "one class": (lambda project: SetClasses(class_by_sample={1: bees(project)}), "0.jpg is now bees"),
    "classes": (lambda project: SetClasses(class_by_sample={1: bees(project), 2: bees(project)}), "2 images are now bees"),
    "no class": (lambda project: SetClasses(class_by_sample={4: None, 5: None}), "2 images have no class now"),
    "mixed": (lambda project: SetClasses(class_by_sample={1: bees(project), 4: ants(project)}), "2 images have other classes"),
    "split": (lambda project: SetSplits(split_by_sample={1: Split.TEST, 2: Split.TEST}, given={1: True}), "2 images are now for the test"),
    "division": (lambda project: SetSplits(split_by_sample={1: Split.TEST, 2: Split.TRAIN}), "2 images are divided anew"),
    "one group": (lambda project: SetGroups(group_by_sample={1: "hive", 2: "hive"}), "2 images are one group now: hive"),
    "groups": (lambda project: SetGroups(group_by_sample={1: "hive", 4: "nest", 5: "nest"}), "3 images are in 2 groups now"),
    "aside": (lambda project: SetAside(reason_by_sample={3: message("why", "blurred")}), "1 image is set aside"),
    "note": (lambda project: SetNotes(note_by_sample={3: "look again"}), "1 note is written"),
    "new class": (lambda project: AddClass(class_id="w", name="wasps"), "wasps is a new class"),
    "name": (lambda project: RenameClass(class_id=ants(project), name="Formicidae"), "The class is called Formicidae now"),
    "merged": (lambda project: MergeClasses(class_id=ants(project), into=bees(project)), "ants is part of bees now"),
}


@pytest.mark.parametrize("kind", EDITS)
def test_every_edit_says_itself_and_is_taken_back_and_done_again(project: Project, kind: str) -> None:
    build, words = EDITS[kind]
    before = look(project.dataset())
    change = project.apply(build(project))
    after = look(project.dataset())
    assert change.words is not None
    assert change.words.text() == words
    assert project.undo_words is not None
    assert project.undo_words.text() == words
    assert after != before
    assert project.undo() is not None
    assert look(project.dataset()) == before
    assert project.redo_words is not None
    assert project.redo() is not None
    assert look(project.dataset()) == after


@pytest.mark.parametrize("kind", EDITS)
def test_the_kept_picture_is_the_one_on_the_disk(project: Project, kind: str) -> None:
    project.dataset()
    project.apply(EDITS[kind][0](project))
    kept = look(project.dataset())
    project.close()
    again = Project.open(project.folder)
    assert look(again.dataset()) == kept
    again.close()


def test_undo_survives_a_restart_and_a_new_edit_cuts_the_redo_tail(project: Project) -> None:
    start = look(project.dataset())
    project.apply(SetClasses(class_by_sample={1: bees(project)}))
    project.apply(SetNotes(note_by_sample={2: "odd"}))
    project.undo()
    project.close()
    again = Project.open(project.folder)
    assert again.undo_words is not None
    assert again.redo_words is not None
    again.apply(SetNotes(note_by_sample={3: "new"}))
    assert again.redo_words is None
    assert again.redo() is None
    assert again.undo() is not None
    assert again.undo() is not None
    assert again.undo() is None
    assert look(again.dataset()) == start
    again.close()


def test_an_edit_that_changes_nothing_is_not_in_the_way_of_undo(project: Project) -> None:
    project.apply(SetNotes(note_by_sample={1: "first"}))
    change = project.apply(SetClasses(class_by_sample={1: ants(project)}))
    assert (change.samples, change.words) == ((), None)
    assert project.undo_words is not None
    assert project.undo_words.text() == "1 note is written"


def test_only_what_changed_is_taken_back(project: Project) -> None:
    change = project.apply(SetClasses(class_by_sample={3: bees(project), 4: bees(project)}))
    assert change.samples == (3,)
    undone = project.undo()
    assert undone is not None
    assert undone.samples == (3,)


def test_what_an_import_does_by_itself_is_not_undone(project: Project) -> None:
    project.apply(SetSplits(split_by_sample={1: Split.TRAIN}), undoable=False)
    assert project.undo() is None
    assert project.dataset().samples[0].split is Split.TRAIN


def test_a_class_with_images_is_not_removed(project: Project) -> None:
    with pytest.raises(TLStudioError, match="ants still has 3 images"):
        project.apply(RemoveClass(class_id=ants(project)))
    assert len(project.dataset().classes) == 2


def test_a_removed_class_comes_back_as_itself(project: Project) -> None:
    project.apply(AddClass(class_id="w", name="wasps"))
    project.apply(RemoveClass(class_id="w"))
    assert [item.name for item in project.dataset().classes] == ["ants", "bees"]
    project.undo()
    assert [(item.id, item.position) for item in project.dataset().classes][2] == ("w", 2)


def test_a_name_cannot_be_taken_twice(project: Project) -> None:
    for command in (AddClass(class_id="x", name="bees"), RenameClass(class_id=ants(project), name="bees")):
        with pytest.raises(TLStudioError, match="already a class called bees"):
            project.apply(command)
    assert project.undo_words is None


def test_an_image_cannot_have_a_class_that_is_gone(project: Project) -> None:
    with pytest.raises(TLStudioError, match="no longer"):
        project.apply(SetClasses(class_by_sample={1: "gone"}))
    with pytest.raises(BugError):
        project.apply(SetClasses(class_by_sample={99: ants(project)}))
    assert project.undo_words is None


def test_adding_a_class_is_not_undone_while_an_import_uses_it(project: Project) -> None:
    project.apply(AddClass(class_id="w", name="wasps"))
    project.add_samples(project.dataset().roots[0], [found("wasps", 0)], given_splits=False)
    with pytest.raises(TLStudioError, match="wasps still has 1"):
        project.undo()
    assert project.undo_words is not None


def test_a_folder_with_a_former_name_finds_its_class(project: Project) -> None:
    project.apply(RenameClass(class_id=ants(project), name="Formicidae"))
    project.add_samples(project.dataset().roots[0], [found("ants", 5)], given_splits=False)
    assert project.dataset().samples[-1].class_id == ants(project)
    assert len(project.dataset().classes) == 2


def test_a_second_import_leaves_what_a_person_said(project: Project) -> None:
    root = project.dataset().roots[0]
    project.apply(SetClasses(class_by_sample={1: bees(project), 2: None}))
    project.apply(SetSplits(split_by_sample={1: Split.TEST}, given={1: True}))
    project.apply(SetAside(reason_by_sample={3: message("why", "blurred")}))
    project.add_samples(root, [found("ants", number, split=Split.TRAIN) for number in range(3)], given_splits=True)
    first, second, third = project.dataset().samples[:3]
    assert (first.class_id, first.split) == (bees(project), Split.TEST)
    assert second.class_id is None
    assert third.state is SampleState.SET_ASIDE


def test_an_edit_of_one_image_does_not_read_all_of_them_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.dataset()

    def refuse(database: object) -> None:
        raise AssertionError("all samples were read again")

    monkeypatch.setattr(queries, "samples", refuse)
    project.apply(SetNotes(note_by_sample={2: "seen"}))
    assert project.dataset().samples[1].note == "seen"
    project.undo()
    assert project.dataset().samples[1].note == ""
    assert project.dataset().by_id[2].path == "ants/1.jpg"


def test_threads_take_turns(project: Project) -> None:
    def edit(number: int) -> int:
        project.apply(SetNotes(note_by_sample={1 + number % 6: f"note {number}"}))
        return len(project.dataset().samples) + len(project.samples([1, 2]))

    with ThreadPoolExecutor(4) as pool:
        seen = set(pool.map(edit, range(40)))
    assert seen == {8}
    undone = 0
    while project.undo() is not None:
        undone += 1
    assert undone == 40
    assert {sample.note for sample in project.dataset().samples} == {""}
