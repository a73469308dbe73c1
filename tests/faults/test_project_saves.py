"""F04, F05, F07: a save that fails, at whatever file operation, or that a power cut tears, leaves the old state or the new one."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import msgspec
import pytest

from tests.faults.faulty_disk import FaultyDisk, faulty_disk
from tests.unit.project.conftest import found
from tlstudio import files
from tlstudio.domain.commands import AddClass, MergeClasses, RenameClass, SetClasses, SetNotes
from tlstudio.errors import TLStudioError
from tlstudio.operations import projects
from tlstudio.operations.checking import check
from tlstudio.project import layout
from tlstudio.project.project import Project

# SQLite passes some failures over by itself, such as one while it cleans up after another; apsw tells Python of each.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

MOST = 400
"""No save takes more file operations than this; a test that reaches it never succeeded."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of saves fail here; the real disk is not what is tested."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    with faulty_disk() as disk:
        yield disk


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A closed project with 40 images in two classes."""
    project = Project.create(tmp_path / "sound" / "Insects")
    root = project.add_root(tmp_path / "photos", copied=False)
    project.add_samples(root, [found(name, number) for name in ("ants", "bees") for number in range(20)], given_splits=False)
    project.apply(SetNotes(note_by_sample={1: "before"}))
    project.close()
    return project.folder


def look(project: Project) -> object:
    """Everything an edit could have left half done."""
    dataset = project.dataset()
    # By name: a second try of an import makes the same classes with other ids.
    names = {item.id: item.name for item in dataset.classes}
    samples = [msgspec.structs.replace(item, class_id=item.class_id and names[item.class_id]) for item in dataset.samples]
    return samples, list(names.values()), dataset.roots, project.settings(), project.undo_words, project.redo_words


def look_at(folder: Path) -> object:
    """As the next one finds it, after the first was killed."""
    project = Project.open(folder)
    try:
        return look(project)
    finally:
        project.close()
        assert check(folder) == [] or all(item.check == "images" for item in check(folder))


SAVES: dict[str, Callable[[Project], object]] = {
    "labels": lambda project: project.apply(SetClasses(class_by_sample=dict.fromkeys(range(1, 21), project.dataset().classes[1].id))),
    "class": lambda project: project.apply(AddClass(class_id="w", name="wasps")),
    "name": lambda project: project.apply(RenameClass(class_id=project.dataset().classes[0].id, name="Formicidae")),
    "merge": lambda project: project.apply(MergeClasses(class_id=project.dataset().classes[0].id, into=project.dataset().classes[1].id)),
    "undo": lambda project: project.undo(),
    "import": lambda project: project.add_samples(
        project.dataset().roots[0], [found(f"new {number % 3}", number, group=f"g{number}") for number in range(60)], given_splits=True
    ),
    "settings": lambda project: project.set_settings(project.settings()),
}


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
@pytest.mark.parametrize("what", SAVES)
def test_a_save_that_fails_leaves_the_old_state_and_can_be_tried_again(
    sound: Path, tmp_path: Path, disk: FaultyDisk, what: str, error: type[apsw.Error]
) -> None:
    for number in range(1, MOST):
        folder = tmp_path / "copies" / str(number)
        shutil.copytree(sound, folder)
        project = Project.open(folder)
        old = look(project)
        disk.arm(number, error)
        try:
            SAVES[what](project)
        except TLStudioError as refusal:
            disk.disarm()
            named = "project.sqlite" in refusal.title.text()
            assert (named, look(project)) == (True, old)
            killed = tmp_path / "killed" / str(number)
            shutil.copytree(folder, killed, ignore=shutil.ignore_patterns(layout.LOCK, "*-shm"))
            after_kill = look_at(killed)
            SAVES[what](project)
            assert after_kill in (old, look(project))
            project.close()
            continue
        disk.disarm()
        new = look(project)
        project.close()
        assert look_at(folder) == new
        assert number > 1
        return
    pytest.fail("never succeeded")


@pytest.mark.expects_log
def test_creating_a_project_is_whole_or_not_at_all(tmp_path: Path, disk: FaultyDisk) -> None:
    seen = set()
    for number in range(1, MOST):
        folder = tmp_path / str(number) / "Insects"
        disk.arm(number)
        try:
            projects.create_project(folder).close()
        except TLStudioError:
            assert not folder.exists() or layout.is_project(folder)
            assert [item for item in folder.parent.iterdir() if item != folder] == []
        is_through = disk.count < number
        disk.disarm()
        if folder.exists():
            assert check(folder) == []
            again = Project.open(folder)
            assert again.writable
            again.close()
        seen.add(folder.exists())
        if is_through:
            assert seen == {True, False}
            return
    pytest.fail("never succeeded")


@pytest.mark.expects_log
def test_every_small_file_is_old_or_new(tmp_path: Path) -> None:
    """The small file, the holder's card, backups and the recent list all go through `files`."""
    for number in range(1, 100):
        folder = tmp_path / str(number) / "Insects"
        files.fail_at(number)
        try:
            project = projects.create_project(folder)
            project.close()
            failed = False
        except TLStudioError:
            failed = True
        finally:
            files.fail_at(None)
        assert failed or layout.is_project(folder)
        if folder.exists():
            project = projects.open_project(folder)
            assert project.writable
            assert projects.recent_projects()[0].path == str(folder)
            project.close()
            assert check(folder) == []
        else:
            assert list(folder.parent.iterdir()) == []
        if not failed and number > 40:
            return


@pytest.mark.expects_log
def test_closing_on_a_full_disk_still_closes(sound: Path, disk: FaultyDisk) -> None:
    for number in range(1, MOST):
        project = Project.open(sound)
        project.apply(SetNotes(note_by_sample={2: str(number)}))
        disk.arm(number)
        project.close()
        is_through = disk.count < number
        disk.disarm()
        again = Project.open(sound)
        assert (again.writable, again.dataset().samples[1].note) == (True, str(number))
        again.close()
        if is_through:
            return
    pytest.fail("never succeeded")


@pytest.mark.parametrize("seed", range(20))
def test_a_power_cut_loses_no_edit_that_was_acknowledged(sound: Path, tmp_path: Path, disk: FaultyDisk, seed: int) -> None:
    chance = random.Random(seed)
    project = Project.open(sound)
    ants, bees = (item.id for item in project.dataset().classes)
    acknowledged = 0
    last = chance.randrange(1, 12)
    while acknowledged < last:
        labels = dict.fromkeys(chance.sample(range(1, 41), 9), chance.choice([ants, bees]))
        project.apply(SetClasses(class_by_sample=labels))
        acknowledged += 1
        project.apply(SetNotes(note_by_sample={1: str(acknowledged)}))
    before = look(project)
    disk.arm(chance.randrange(1, 8), apsw.IOError)
    try:
        project.apply(SetNotes(note_by_sample={1: "in flight"}))
        after = look(project)
    except TLStudioError:
        after = before
    disk.disarm()
    after_cut = tmp_path / "after the cut"
    shutil.copytree(sound, after_cut, ignore=shutil.ignore_patterns("project.sqlite*", layout.LOCK))
    for name, content in disk.after_power_cut(chance).items():
        if Path(name).parent == sound and not name.endswith("-shm"):
            (after_cut / Path(name).name).write_bytes(content)
    project.close()
    survivor = Project.open(after_cut)
    assert survivor.notices == ()
    found_state = look(survivor)
    assert found_state in (before, after) or survivor.dataset().samples[0].note == "in flight"
    survivor.close()
    assert all(item.check == "images" for item in check(after_cut))
