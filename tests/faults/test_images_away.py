"""F22, F23: images that are gone, replaced or locked cost what they must; a share that is gone for a minute costs nothing."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.conftest import MakeImages
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.engine.test_control import Running
from tests.faults.test_job_kill import result_of
from tlstudio.datasets import reasons
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.splits import Split
from tlstudio.engine import worker
from tlstudio.engine.data import pixel_cache, reading
from tlstudio.engine.journal import JournalWriter
from tlstudio.engine.tasks import Score

FINETUNED = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=3, batch_size=4, learning_rate=3e-3, patience=0),
    augmentation="light",
    seed=5,
)
HEAD_ONLY = Recipe(name="quick", network=FINETUNED.network, seed=5)
WITH_VIEWS = msgspec.structs.replace(FINETUNED, finetune=FineTunePart(epochs=3, batch_size=4, learning_rate=3e-3, patience=0, num_views=2))


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 20, "discs": 20})


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels are not kept, so that every epoch reads the files."""
    monkeypatch.setattr(pixel_cache, "_room", lambda _place: 0)


def is_waiting(state: RunState) -> bool:
    return state.status is Status.PAUSED and state.waits_for is not None


class Share:
    """The folder of the images, which goes away at the n-th file that is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, images: Path, *, at: int) -> None:
        self.images, self.away = images, images.with_name("unplugged")
        honest, guard, count = reading.read_file, threading.Lock(), iter(range(1, 1_000_000))

        def read(path: Path) -> bytes:
            with guard:
                if next(count) == at:
                    self.unplug()
            return honest(path)

        monkeypatch.setattr(reading, "read_file", read)

    def unplug(self) -> None:
        self.images.rename(self.away)
        self.images.mkdir()  # as a mount point is there without its drive

    def plug_in(self) -> None:
        self.images.rmdir()
        self.away.rename(self.images)


@pytest.mark.parametrize(("recipe", "at"), [(HEAD_ONLY, 13), (FINETUNED, 45), (FINETUNED, 61), (WITH_VIEWS, 45)])
def test_a_share_that_is_gone_for_a_while_changes_no_bit(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_room: None, recipe: Recipe, at: int
) -> None:
    whole = write_training(tmp_path / "whole", recipe, manifest_of(images), images=images)
    assert worker.run_job(whole) == 0
    share = Share(monkeypatch, images, at=at)
    job = Running(write_training(tmp_path / "away", recipe, manifest_of(images), images=images))
    state = job.wait_for(is_waiting)
    assert state.waits_for is not None
    assert str(images) in state.waits_for.text()
    share.plug_in()
    state = job.end()
    assert (state.status, state.attempt, state.warnings) == (Status.FINISHED, 1, ())
    assert result_of(job.folder) == result_of(whole)


def test_more_missing_images_than_a_run_can_do_without_are_waited_for(images: Path, tmp_path: Path) -> None:
    manifest = manifest_of(images)
    kept = {file: file.read_bytes() for file in (images / "bars").iterdir()}
    for file in kept:
        file.unlink()
    job = Running(write_training(tmp_path / "project", HEAD_ONLY, manifest, images=images))
    state = job.wait_for(is_waiting)
    assert state.waits_for is not None
    assert state.waits_for.text().startswith("Reading stopped when 9 of the 40 images had turned out to be unusable, the first because: ")
    for file, data in kept.items():
        file.write_bytes(data)
    state = job.end()
    assert state.status is Status.FINISHED
    assert not any("were skipped" in warning.text() for warning in state.warnings)


def test_a_run_that_waits_for_images_can_be_ended(images: Path, tmp_path: Path) -> None:
    job = Running(write_training(tmp_path / "project", HEAD_ONLY, manifest_of(images), images=images / "nowhere"))
    job.wait_for(is_waiting)
    job.tell(Command.CANCEL)
    assert job.end().status is Status.CANCELLED


def test_images_whose_place_nobody_knows_end_the_run_with_a_word(images: Path, tmp_path: Path) -> None:
    folder = write_training(tmp_path / "project", HEAD_ONLY, manifest_of(images), images=images)
    environment = folder / "environment.json"
    environment.write_bytes(environment.read_bytes().replace(b'"1":', b'"7":'))
    assert worker.run_job(folder) == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert "unusable" in failure.title.text()
    assert "safe" in failure.hint.text()


def test_a_file_that_somebody_holds_for_a_moment_is_tried_again(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = reading.read_file
    refused: set[Path] = set()

    def read(path: Path) -> bytes:
        if path not in refused:
            refused.add(path)
            raise reasons.may_not_be_read() from PermissionError(13, "in use by another program")
        return honest(path)

    monkeypatch.setattr(reading, "read_file", read)
    folder = write_training(tmp_path / "project", HEAD_ONLY, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    assert len(refused) == 40
    assert state_of(folder).warnings == ()


@pytest.mark.parametrize("how", ["deleted", "replaced", "locked"])
def test_a_few_images_that_cannot_be_used_are_skipped_and_counted(
    images: Path, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = manifest_of(images)
    spoiled = [images / "bars" / "bars_000.png", images / "discs" / "discs_005.png"]
    spoil: dict[str, Callable[[Path], object]] = {
        "deleted": Path.unlink,
        "replaced": lambda file: file.write_bytes((images / "bars" / "bars_009.png").read_bytes()),
        "locked": lambda file: _locked(file, monkeypatch),
    }
    for file in spoiled:
        spoil[how](file)
    folder = write_training(tmp_path / "project", FINETUNED, manifest, images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert any("2 of 40 images could not be used and were skipped" in warning.text() for warning in state.warnings)
    assert not any(isinstance(event, ev.Paused) for event in events_of(folder))


def _locked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever the tests run as may not be kept out by rights."""
    honest = reading.read_file

    def read(path: Path) -> bytes:
        if os.fspath(path) == os.fspath(file):
            raise reasons.may_not_be_read() from PermissionError(13, "locked")
        return honest(path)

    monkeypatch.setattr(reading, "read_file", read)


def test_the_final_predictions_lack_no_image_after_a_wait(make_images: MakeImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = make_images({"bars": 30, "discs": 30})
    manifest = manifest_of(images, pattern="ttttvvssss")
    away = {file: file.read_bytes() for file in (images / entry.path for entry in manifest.entries if entry.split is Split.TEST)}
    monkeypatch.setattr(Score, "is_better_than", lambda _self, _other: True)  # so that the fine-tuned network is judged
    whole = write_training(tmp_path / "whole", FINETUNED, manifest, images=images)
    assert worker.run_job(whole) == 0
    honest = JournalWriter.write

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.PhaseStarted) and event.phase == "evaluate":
            for file in away:
                file.unlink()
        elif isinstance(event, ev.Paused):
            for file, data in away.items():
                file.write_bytes(data)
        honest(self, event)

    monkeypatch.setattr(JournalWriter, "write", write)
    folder = write_training(tmp_path / "away", FINETUNED, manifest, images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert sum(isinstance(event, ev.Paused) for event in events_of(folder)) == 1
    assert state.predictions is not None
    assert state.predictions.num_by_split["test"] == len(away) == 24
    assert state.warnings == ()
    assert result_of(folder) == result_of(whole)
