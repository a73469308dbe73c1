"""What a person may do to data by hand, and what is refused with a clear word."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.project.conftest import found
from tlstudio.domain.samples import SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import edits
from tlstudio.operations.splitting import split, split_again
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project.create(tmp_path / "Insects")
    root = project.add_root(tmp_path / "photos", copied=False)
    new = [found(name, number) for name in ("ants", "bees") for number in range(3)]
    unread = found("ants", 9, width_px=0, height_px=0, content_hash="", reason=message("r", "It is empty."))
    project.add_samples(root, [*new, unread], given_splits=False)
    yield project
    project.close()


def test_images_get_a_class_and_the_status_line_says_so(project: Project) -> None:
    bees = project.dataset().classes[1]
    change = edits.set_class(project, [1, 2, 3], bees.id)
    assert change.words is not None
    assert change.words.text() == "3 images are now bees"
    assert project.dataset().num_by_class[bees.id] == 6
    edits.undo(project)
    assert project.dataset().num_by_class[bees.id] == 3
    edits.redo(project)
    assert project.dataset().num_by_class[bees.id] == 6


def test_a_new_class_is_given_back_and_can_be_used(project: Project) -> None:
    wasps, change = edits.add_class(project, "  paper \u00a0 wasps ")
    assert (wasps.name, wasps.position, change.classes) == ("paper wasps", 2, True)
    edits.set_class(project, [1], wasps.id)
    assert project.dataset().samples[0].class_id == wasps.id


def test_a_class_may_change_the_case_of_its_own_name(project: Project) -> None:
    ants = project.dataset().classes[0]
    edits.rename_class(project, ants.id, "Ants")
    assert project.dataset().classes[0].name == "Ants"


@pytest.mark.parametrize(
    ("name", "says"), [("", "needs a name"), (" \t", "needs a name"), ("BEES", "already a class called bees"), ("x" * 200, "too long")]
)
def test_names_that_are_no_names_are_refused(project: Project, name: str, says: str) -> None:
    ants = project.dataset().classes[0]
    with pytest.raises(TLStudioError, match=says):
        edits.add_class(project, name)
    with pytest.raises(TLStudioError, match=says):
        edits.rename_class(project, ants.id, name)
    assert [item.name for item in project.dataset().classes] == ["ants", "bees"]


def test_the_same_name_written_in_two_ways_of_unicode_is_one_name(project: Project) -> None:
    edits.add_class(project, "K\u00e4fer")
    with pytest.raises(TLStudioError, match="already"):
        edits.add_class(project, "Ka\u0308fer")


def test_only_an_empty_class_goes(project: Project) -> None:
    ants = project.dataset().classes[0]
    with pytest.raises(TLStudioError, match="ants still has 4 images"):
        edits.remove_class(project, ants.id)
    edits.set_class(project, [1, 2, 3, 7], None)
    edits.remove_class(project, ants.id)
    assert [item.name for item in project.dataset().classes] == ["bees"]
    assert project.dataset().num_by_class[None] == 3


def test_a_split_by_hand_is_marked_as_given(project: Project) -> None:
    edits.set_split(project, [1, 2], Split.TEST)
    assert [(sample.split, sample.split_given) for sample in project.samples([1, 2, 3])] == [(Split.TEST, True)] * 2 + [(None, False)]


def test_images_are_set_aside_and_taken_back(project: Project) -> None:
    edits.set_aside(project, [1, 2])
    assert len(project.dataset().set_aside) == 3
    edits.take_back(project, [1, 2])
    assert [sample.state for sample in project.samples([1, 2])] == [SampleState.READY] * 2


def test_setting_all_aside_leaves_out_what_was_out_and_undo_says_what_it_did(project: Project) -> None:
    edits.set_aside(project, [1], message("blurred", "It is blurred."))
    before = project.dataset().samples
    change = edits.set_aside(project, list(range(1, 8)))
    assert change.words is not None
    assert change.words.text() == "5 images are set aside"
    assert [str(sample.reason and sample.reason.text()) for sample in project.samples([1, 2, 7])] == [
        "It is blurred.",
        "Set aside by hand",
        "It is empty.",
    ]
    undone = edits.undo(project)
    assert undone is not None
    assert undone.words is not None
    assert undone.words.text() == "5 images are back in"
    assert project.dataset().samples == before
    redone = edits.redo(project)
    assert redone is not None
    assert redone.words is not None
    assert redone.words.text() == "5 images are set aside"


def test_a_file_that_was_selected_with_others_and_set_aside_is_read_again_when_it_is_sound(project: Project) -> None:
    edits.set_aside(project, list(range(1, 8)))
    edits.undo(project)
    project.add_samples(project.dataset().roots[0], [found("ants", 9)], given_splits=False)
    assert project.samples([7])[0].state is SampleState.READY


def test_setting_aside_what_is_out_says_so_and_leaves_nothing_to_undo(project: Project) -> None:
    change = edits.set_aside(project, [7])
    assert change.words is not None
    assert change.words.text() == "Set aside already"
    assert project.undo_words is None


def test_undo_of_a_division_does_not_call_it_a_new_one(project: Project) -> None:
    split(project)
    split_again(project, SplitPlan(train=0.34, val=0.33, test=0.33, seed=2))
    undone = edits.undo(project)
    assert undone is not None
    assert undone.words is not None
    assert "divided as before" in undone.words.text()


def test_an_image_that_could_not_be_read_stays_out(project: Project) -> None:
    with pytest.raises(TLStudioError, match=r"ants/9\.jpg could not be read"):
        edits.take_back(project, [1, 7])
    assert project.samples([7])[0].state is SampleState.SET_ASIDE


def test_a_note_stays_with_its_image(project: Project) -> None:
    edits.set_note(project, [4], " queen? ")
    assert project.samples([4])[0].note == "queen?"
    edits.set_note(project, [4], "")
    assert project.samples([4])[0].note == ""


READ_ONLY: dict[str, Callable[[Project], object]] = {
    "class": lambda project: edits.set_class(project, [1], None),
    "new class": lambda project: edits.add_class(project, "wasps"),
    "name": lambda project: edits.rename_class(project, project.dataset().classes[0].id, "Ants!"),
    "merge": lambda project: edits.merge_classes(project, project.dataset().classes[0].id, into=project.dataset().classes[1].id),
    "split": lambda project: edits.set_split(project, [1], Split.TEST),
    "aside": lambda project: edits.set_aside(project, [1]),
    "note": lambda project: edits.set_note(project, [1], "x"),
    "undo": edits.undo,
    "redo": edits.redo,
}


@pytest.mark.parametrize("what", READ_ONLY)
def test_whoever_may_only_read_is_refused_and_told_who_may_write(project: Project, what: str) -> None:
    before = project.dataset().samples
    reader = Project.open(project.folder)
    with pytest.raises(TLStudioError, match="process") as refusal:
        READ_ONLY[what](reader)
    assert "Insects is open for reading only." in str(refusal.value)
    assert reader.dataset().samples == before
    reader.close()
