"""The check finds what is broken, names the file, and is quiet about a sound project."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from blake3 import blake3
from PIL import Image

from tests.unit.project.run_folders import STARTED, SUMMARY, at_work, order, say
from tlstudio.domain.events import CheckpointSaved, Finished, PredictionsSaved, StepTrained
from tlstudio.domain.problems import Problem
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.operations.checking import check
from tlstudio.project.project import Project

RUN = "runs/0001"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A closed project with two copied images and one finished run with a checkpoint and predictions."""
    project = Project.create(tmp_path / "Insects")
    root = project.add_root(project.folder / "images", copied=True)
    for number in range(2):
        Image.new("RGB", (4, 4)).save(project.folder / f"images/{number}.png")
    new = [
        NewSample(path=f"{number}.png", content_hash="h", width_px=4, height_px=4, format="PNG", class_name="ants") for number in range(2)
    ]
    project.add_samples(root, new, given_splits=False)
    job = order(project, 1)
    hashes = {}
    for name in ("checkpoints/best.safetensors", "predictions/predictions.safetensors"):
        (job / name).parent.mkdir()
        (job / name).write_bytes(name.encode() * 1000)
        hashes[name] = blake3((job / name).read_bytes()).hexdigest()
    checkpoint, predictions = hashes
    (job / checkpoint).with_suffix(".json").write_text("{}")
    say(
        job,
        STARTED,
        CheckpointSaved(step=4, file=checkpoint, hash=hashes[checkpoint], is_best=True),
        PredictionsSaved(file=predictions, hash=hashes[predictions], num_by_split={Split.VAL: 2}),
        Finished(summary=SUMMARY),
    )
    project.close()
    return project.folder


def test_a_sound_project_has_no_problem(folder: Path) -> None:
    assert check(folder) == []


def test_checking_changes_nothing(folder: Path) -> None:
    def look() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    before = look()
    check(folder)
    assert look() == before


def flip(path: Path) -> None:
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def break_reference(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA foreign_keys = OFF; INSERT INTO notes VALUES (999, 'of nobody'); PRAGMA journal_mode = DELETE")
    connection.close()


DAMAGE: dict[str, tuple[Callable[[Path], None], str, str, bool]] = {
    "small file": (remove, "Insects.tlstudio", "missing", False),
    "small file cut": (cut, "Insects.tlstudio", "cannot be understood", False),
    "no database": (remove, "project.sqlite", "cannot be opened", False),
    "reference": (break_reference, "project.sqlite", "points to no samples", False),
    "image": (remove, "images/1.png", "1 of 2 images are not at their place, such as 1.png", False),
    "run": (remove, RUN, "folder of run 1 is gone", False),
    "order": (cut, f"{RUN}/job.json", "cannot be read", False),
    "recipe": (remove, f"{RUN}/recipe.json", "cannot be read", False),
    "manifest": (flip, f"{RUN}/manifest.jsonl", "", False),
    "journal": (flip, f"{RUN}/journal.jsonl", "is damaged", False),
    "torn journal": (cut, f"{RUN}/journal.jsonl", "is torn", True),
    "checkpoint": (flip, f"{RUN}/checkpoints/best.safetensors", "not what the run saved", False),
    "checkpoint cut": (cut, f"{RUN}/checkpoints/best.safetensors", "not what the run saved", False),
    "no checkpoint": (remove, f"{RUN}/checkpoints/best.safetensors", "is gone", False),
    "no card": (remove, f"{RUN}/checkpoints/best.json", "is gone", False),
    "predictions": (flip, f"{RUN}/predictions/predictions.safetensors", "not what the run saved", False),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_and_named(folder: Path, what: str) -> None:
    damage, file, words, is_harmless = DAMAGE[what]
    damage(folder / file)
    found = check(folder)
    if what == "image":
        file = str(folder / "images")
    first = next(problem for problem in found if problem.file == file)
    assert words in first.title.text()
    assert first.hint.text()
    assert first.is_harmless is is_harmless


def test_a_database_of_noise_is_named(folder: Path) -> None:
    (folder / "project.sqlite").write_bytes(os.urandom(9000))
    assert next((item.check, item.file) for item in check(folder) if not item.is_harmless) == ("database", "project.sqlite")


def test_a_list_of_images_that_was_exchanged_is_found(folder: Path) -> None:
    manifest = folder / RUN / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().replace(b"ants", b"bees"))
    (problem,) = check(folder)
    assert "not the one the run was started with" in problem.title.text()


def test_a_drive_that_is_not_connected_is_told_but_loses_nothing(folder: Path, tmp_path: Path) -> None:
    project = Project.open(folder)
    linked = NewSample(path="a.jpg", content_hash="h", width_px=4, height_px=4, format="JPEG", class_name="ants")
    project.add_samples(project.add_root(tmp_path / "drive", copied=False), [linked], given_splits=False)
    project.close()
    (problem,) = check(folder)
    assert (problem.check, problem.is_harmless) == ("images", True)


@pytest.mark.parametrize("place", ["", "backups", "images", "runs/0001", "runs/0001/checkpoints"])
def test_a_file_left_by_a_kill_is_told_and_swept_at_the_next_opening(folder: Path, place: str) -> None:
    orphan = folder / place / ".x.json.4242.tmp"
    orphan.write_bytes(b"half")
    (problem,) = check(folder)
    assert (problem.check, problem.is_harmless) == ("temporary", True)
    Project.open(folder).close()
    assert check(folder) == []
    assert not orphan.exists()


def test_what_is_being_written_is_passed_over(folder: Path) -> None:
    project = Project.open(folder)
    job = order(project, 2)
    say(job, STARTED, CheckpointSaved(step=1, file="checkpoints/last.safetensors", hash="of the one before", is_best=False))
    (job / "checkpoints").mkdir()
    (job / "checkpoints/last.safetensors").write_bytes(b"newer")
    (job / "checkpoints/.last.safetensors.1.tmp").write_bytes(b"half")
    (folder / ".project.holder.json.1.tmp").write_bytes(b"half")
    with at_work(job):
        assert check(folder) == []
    project.close()


def test_a_killed_run_is_sound(folder: Path) -> None:
    project = Project.open(folder)
    say(order(project, 2), STARTED, StepTrained(step=1, epoch=0, loss=1.0))
    (folder / "runs/0003").mkdir()
    project.close()
    assert [(item.file, item.is_harmless) for item in check(folder)] == [("runs/0003", True)]


def test_an_interrupted_run_needs_one_of_its_checkpoints(folder: Path) -> None:
    project = Project.open(folder)
    job = order(project, 2)
    names = [f"checkpoints/last-{step}.safetensors" for step in (1, 2)]
    (job / "checkpoints").mkdir()
    for name in names:
        (job / name).write_bytes(name.encode())
    saved = [CheckpointSaved(step=1, file=name, hash=blake3(name.encode()).hexdigest(), is_best=False) for name in names]
    say(job, STARTED, *saved)
    project.close()
    remove(job / names[1])
    assert check(folder) == []
    remove(job / names[0])
    assert "runs/0002/checkpoints/last-2.safetensors" in [item.file for item in check(folder)]


def test_checking_reports_itself_and_can_be_stopped(folder: Path) -> None:
    told: list[str] = []
    check(folder, report=lambda progress: told.append(progress.what.text()))
    assert told == ["The project's file", "The database", "Images", "Runs", "Temporary files"]

    class Stopped:
        def is_set(self) -> bool:
            return True

    remove(folder / RUN)
    assert check(folder, stop=Stopped()) == []


def test_where_there_is_no_project_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(TLStudioError, match="no project"):
        check(tmp_path)


def test_problems_are_typed(folder: Path) -> None:
    remove(folder / RUN)
    assert all(isinstance(item, Problem) for item in check(folder))
