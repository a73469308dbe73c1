"""What is put into a project is there, also after closing and opening."""

import json
import shutil
from pathlib import Path

import pytest

from tests.unit.project.conftest import found
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import SampleState
from tlstudio.domain.settings import ProjectSettings
from tlstudio.domain.splits import Split
from tlstudio.errors import BugError, TLStudioError
from tlstudio.messages import message
from tlstudio.project.project import Project


def test_the_folder_is_the_project(folder: Path) -> None:
    Project.create(folder).close()
    assert json.loads((folder / "Insect survey.tlstudio").read_text())["name"] == "Insect survey"
    assert {item.name for item in folder.iterdir()} >= {"project.sqlite", "images", "runs", "exports"}
    for path in (folder, folder / "Insect survey.tlstudio"):
        opened = Project.open(path)
        assert (opened.name, opened.writable, opened.notices) == ("Insect survey", True, ())
        opened.close()


def test_nothing_but_the_project_is_left_beside_it(folder: Path) -> None:
    Project.create(folder).close()
    assert [item.name for item in folder.parent.iterdir() if item.name != "home"] == ["Insect survey"]


@pytest.mark.parametrize("what", ["project", "file", "other files"])
def test_a_place_that_is_taken_is_refused(folder: Path, what: str) -> None:
    if what == "project":
        Project.create(folder).close()
    elif what == "file":
        folder.write_text("notes")
    else:
        folder.mkdir()
        (folder / "thesis.txt").write_text("notes")
    with pytest.raises(TLStudioError, match="Insect survey"):
        Project.create(folder)
    assert what == "project" or not list(folder.parent.rglob("project.sqlite"))


def test_a_path_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TLStudioError, match="no project"):
        Project.open(tmp_path / "nowhere")


def test_samples_come_with_their_classes_in_order(project: Project) -> None:
    dataset = project.dataset()
    assert [item.name for item in dataset.classes] == ["ants", "bees"]
    assert [sample.path for sample in dataset.samples][:2] == ["ants/0.jpg", "ants/1.jpg"]
    names = [dataset.class_by_id[sample.class_id].name for sample in dataset.samples if sample.class_id]
    assert names == ["ants"] * 3 + ["bees"] * 3
    assert dataset.file_of(dataset.samples[0]) == project.folder.parent / "photos" / "ants/0.jpg"


def test_samples_survive_a_restart_word_for_word(project: Project) -> None:
    root = project.dataset().roots[0]
    reason = message("x", "{file} is cut off", file="c.jpg")
    project.add_samples(
        root, [found("bees", 9, split=Split.TEST, group="hive 3"), found("bees", 10, class_name=None, reason=reason)], given_splits=True
    )
    before = project.dataset()
    project.close()
    again = Project.open(project.folder)
    after = again.dataset()
    again.close()
    assert after.samples == before.samples
    assert (after.classes, after.roots, after.plan) == (before.classes, before.roots, before.plan)
    assert (after.samples[6].split, after.samples[6].split_given, after.samples[6].group) == (Split.TEST, True, "hive 3")
    assert (after.samples[7].state, after.samples[7].reason) == (SampleState.SET_ASIDE, reason)


def test_the_same_folder_imported_twice_is_there_once(project: Project) -> None:
    root = project.add_root(project.folder.parent / "photos", copied=False)
    change = project.add_samples(root, [found("ants", 0, content_hash="new", width_px=99), found("ants", 7)], given_splits=False)
    dataset = project.dataset()
    assert len(dataset.samples) == 7
    assert (dataset.samples[0].content_hash, dataset.samples[0].width_px) == ("new", 99)
    assert change.samples == (1, 7)
    assert change.words is not None
    assert change.words.text() == "1 image added"


def test_a_file_that_can_be_read_again_takes_part_again(project: Project) -> None:
    root = project.dataset().roots[0]
    project.add_samples(root, [found("ants", 0, reason=message("x", "cut off"))], given_splits=False)
    assert project.dataset().samples[0].state is SampleState.SET_ASIDE
    project.add_samples(root, [found("ants", 0)], given_splits=False)
    assert project.dataset().samples[0].state is SampleState.READY


def test_given_splits_make_the_plan_leave_the_rest_to_training(project: Project) -> None:
    assert not project.settings().split_plan.given
    project.add_samples(project.dataset().roots[0], [found("ants", 8, split=Split.VAL)], given_splits=True)
    assert project.settings().split_plan.given
    assert project.dataset().plan.given


def test_copied_images_move_with_the_project(folder: Path, tmp_path: Path) -> None:
    project = Project.create(folder)
    project.add_root(folder / "images", copied=True)
    project.close()
    shutil.move(folder, tmp_path / "moved")
    moved = Project.open(tmp_path / "moved")
    assert moved.dataset().roots[0].path == str(tmp_path / "moved" / "images")
    moved.close()


def test_settings_survive_a_restart(project: Project) -> None:
    settings = ProjectSettings(network=NetworkPart(architecture="resnet18"), intensity=IntensityRule(kind="window", low=10, high=900))
    project.set_settings(settings)
    project.close()
    again = Project.open(project.folder)
    assert again.settings() == settings
    again.close()


def test_runs_are_stored_by_number(project: Project) -> None:
    recipe = RECIPES["quick"].build(NetworkPart(architecture="resnet18"))
    run = Run(number=2, recipe=recipe, weights_name="", created_at=1.5, status=Status.WAITING)
    project.record_run(run)
    project.record_run(Run(number=1, recipe=recipe, weights_name="w", created_at=1.0, status=Status.FINISHED, override="I know"))
    project.record_run(Run(number=2, recipe=recipe, weights_name="", created_at=1.5, status=Status.RUNNING))
    assert [(item.number, item.status, item.override) for item in project.runs()] == [
        (1, Status.FINISHED, "I know"),
        (2, Status.RUNNING, ""),
    ]
    project.remove_run(1)
    assert [item.number for item in project.runs()] == [2]


def test_openings_of_the_test_set_are_counted_for_ever(project: Project) -> None:
    assert project.num_openings() == 0
    assert [project.count_opening(run=1), project.count_opening(run=2)] == [1, 2]
    project.close()
    again = Project.open(project.folder)
    assert again.num_openings() == 2
    again.close()


def test_a_sample_that_is_not_there_is_our_mistake(project: Project) -> None:
    with pytest.raises(BugError, match="77"):
        project.samples([1, 77])


def test_an_empty_folder_becomes_the_project(folder: Path) -> None:
    folder.mkdir()
    project = Project.create(folder, name="Insects of 2026")
    assert (project.writable, project.name) == (True, "Insects of 2026")
    project.close()
    assert (folder / "Insects of 2026.tlstudio").is_file()


def test_a_renamed_folder_is_still_the_project(folder: Path) -> None:
    Project.create(folder).close()
    moved = folder.rename(folder.with_name("Survey 2"))
    project = Project.open(moved / "Insect survey.tlstudio")
    assert (project.writable, project.name, project.folder) == (True, "Insect survey", moved)
    project.close()
