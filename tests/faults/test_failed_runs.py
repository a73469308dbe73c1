"""F06, F23, F30: a training that failed goes on from its last whole checkpoint once the cause is gone, and loses nothing by it."""

import errno
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.test_job_kill import result_of
from tests.real_jobs import NETWORK, PATIENCE_S, begin, tlstudio_json, wait_for
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker
from tlstudio.engine.journal import JournalWriter
from tlstudio.jobs import control
from tlstudio.jobs.watcher import read_state

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture=NETWORK, input_size_px=64),
    finetune=FineTunePart(epochs=4, batch_size=8, learning_rate=3e-3, patience=0),
    augmentation="light",
    seed=5,
)
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 12, "discs": 12})


def whole_run(images: Path, project: Path) -> Path:
    """The same training where nothing happens to it."""
    folder = write_training(project, RECIPE, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    return folder


def test_an_ending_that_finds_no_room_is_written_by_the_next_attempt(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = result_of(whole_run(images, tmp_path / "whole"))
    folder = write_training(tmp_path / "full", RECIPE, manifest_of(images), images=images)
    honest = JournalWriter.write

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.Finished):
            raise FULL
        honest(self, event)

    with monkeypatch.context() as disk:
        disk.setattr(JournalWriter, "write", write)
        assert worker.run_job(folder) == 1
    assert "No space left" in capsys.readouterr().err
    num_said = len(events_of(folder))

    assert worker.run_job(folder) == 0
    assert state_of(folder).status is Status.FINISHED
    assert not any(isinstance(event, ev.StepTrained) for event in events_of(folder)[num_said:]), "it was trained already"
    assert result_of(folder) == expected
    assert not list((folder / "checkpoints").glob("last-*")), "what is no longer needed takes no space"


def test_the_terminal_says_that_a_failed_run_can_be_continued_and_continues_it(project: Path, home: Path) -> None:
    recipe = ("--recipe", "balanced", "--network", NETWORK, "--device", "cpu", "--set", "epochs=8", "--set", "patience=0")
    watching = begin("train", project, *recipe, "--set", "batch_size=4", home=home)
    run = project / "runs" / "0001"
    wait_for(run, lambda _state: True)
    control.send(run, Command.PAUSE)  # so that it cannot be past the place before anything lies there
    plan = wait_for(run, lambda state: state.status is Status.PAUSED).plan
    assert plan is not None
    in_the_way = run / "checkpoints" / f"last-{plan.num_steps // plan.num_epochs * 7:08d}.safetensors"
    in_the_way.mkdir(parents=True)
    control.send(run, Command.RUN)
    out, _err = watching.communicate(timeout=PATIENCE_S)
    assert watching.returncode == 4
    assert f"{in_the_way.name} could not be read or written: Is a directory." in out
    assert str(in_the_way.parent) in out
    assert f"tlstudio train {project} --resume 1" in out

    in_the_way.rmdir()
    document = tlstudio_json("train", project, "--resume", 1, home=home)
    assert document["status"] == "finished"
    assert read_state(run).attempt == 2
    listed = tlstudio_json("runs", project, home=home)
    assert listed["runs"][0]["status"] == "finished"
