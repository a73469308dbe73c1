"""Pause, continue, stop and cancel: told through the file, acknowledged at once, obeyed in every phase of the real job."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import torch

from tests.engine.folders import events_of, lines_of, manifest_of, state_of, write_training
from tlstudio import files
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import CONTROL_FILE, Command, Control
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import head, worker
from tlstudio.engine.journal import JournalWriter
from tlstudio.engine.models.network import Network

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=400, batch_size=8, patience=0),
    augmentation="light",
)
PATIENCE_S = 60.0


class Running:
    """A job that runs in a thread of this process, told through its control file like any other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code: int | None = None
        self._thread = threading.Thread(target=self._run, name="job")
        self._thread.start()

    def _run(self) -> None:
        self.code = worker.run_job(self.folder)

    def tell(self, command: Command) -> float:
        """Gives the moment it was told."""
        files.write_json(self.folder / CONTROL_FILE, Control(command=command))
        return time.time()

    def wait_for(self, condition: Callable[[RunState], bool]) -> RunState:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if (self.folder / "journal.jsonl").exists() and condition(state := state_of(self.folder)):
                return state
            time.sleep(0.01)
        raise AssertionError(f"waited in vain; state: {state_of(self.folder)}")

    def end(self) -> RunState:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return state_of(self.folder)


@pytest.fixture
def begin(make_images, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    images = make_images({"bars": 20, "discs": 20})
    jobs: list[Running] = []

    def start(recipe: Recipe = RECIPE, *, command: Command | None = None) -> Running:
        folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images, number=len(jobs) + 1)
        if command is not None:
            files.write_json(folder / CONTROL_FILE, Control(command=command))
        jobs.append(Running(folder))
        return jobs[-1]

    yield start
    for job in jobs:
        job.tell(Command.CANCEL)
        job.end()


def acknowledged_at(folder: Path, command: Command) -> float:
    return next(line.time for line in lines_of(folder) if line.event == ev.Acknowledged(command=command.value))


def test_pause_waits_with_a_checkpoint_and_continue_goes_on(begin) -> None:
    job = begin()
    job.wait_for(lambda state: len(state.steps) > 2)
    told = job.tell(Command.PAUSE)
    state = job.wait_for(lambda state: state.status is Status.PAUSED)
    assert acknowledged_at(job.folder, Command.PAUSE) - told < 0.5  # 0.1 on an idle machine
    assert state.checkpoints[-1].step >= state.steps[-1].step
    assert (job.folder / state.checkpoints[-1].file).is_file()
    before = len(lines_of(job.folder))
    time.sleep(0.3)
    assert len(lines_of(job.folder)) == before
    job.tell(Command.RUN)
    job.wait_for(lambda later: later.status is Status.RUNNING and later.steps[-1].step > state.steps[-1].step + 3)


def test_stop_keeps_the_best_and_still_predicts(begin) -> None:
    job = begin()
    job.wait_for(lambda state: len(state.validations) > 2)
    told = job.tell(Command.STOP)
    state = job.end()
    assert job.code == 0
    assert lines_of(job.folder)[-1].time - told < 5
    assert state.status is Status.STOPPED
    assert state.summary is not None
    assert (job.folder / state.summary.checkpoint).is_file()
    assert state.predictions is not None
    assert state.best is not None
    assert state.summary.best_step == state.best.step


def test_cancel_ends_at_once_and_keeps_nothing(begin) -> None:
    job = begin()
    job.wait_for(lambda state: len(state.validations) > 2)
    told = job.tell(Command.CANCEL)
    state = job.end()
    assert lines_of(job.folder)[-1].time - told < 5
    assert state.status is Status.CANCELLED
    assert not (job.folder / "checkpoints").exists()
    assert not (job.folder / "predictions").exists()


@pytest.mark.expects_log
def test_a_disk_that_is_full_for_a_moment_does_not_deafen_the_job(begin, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = JournalWriter.write
    refused: list[str] = []

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.Acknowledged) and not refused:
            refused.append(event.command)
            raise OSError(errno.ENOSPC, "No space left on device")
        honest(self, event)

    monkeypatch.setattr(JournalWriter, "write", write)
    job = begin()
    job.wait_for(lambda state: len(state.steps) > 2)
    job.tell(Command.PAUSE)
    job.wait_for(lambda state: state.status is Status.PAUSED)
    assert refused == ["pause"]
    job.tell(Command.CANCEL)
    assert job.end().status is Status.CANCELLED


@contextmanager
def slow_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pass of the backbone that takes long enough to be met in the middle."""
    honest = Network.prepare

    def prepare(self: Network, images: torch.Tensor) -> torch.Tensor:
        time.sleep(0.2)
        return honest(self, images)

    with monkeypatch.context() as patch:
        patch.setattr(Network, "prepare", prepare)
        yield


@pytest.mark.parametrize("command", [Command.STOP, Command.CANCEL])
def test_the_first_pass_can_be_ended_too(begin, monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    with slow_network(monkeypatch):
        job = begin(msgspec.structs.replace(RECIPE, finetune=None))
        job.wait_for(lambda state: state.phase == "features")
        job.tell(command)
        state = job.end()
    assert state.status is (Status.STOPPED if command is Command.STOP else Status.CANCELLED)
    assert state.summary is None
    assert state.head is None


@pytest.fixture
def slow_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Iterations of the head that take long enough to be met between two of them."""
    honest = head._Problem.loss_and_gradient

    def slow(self: head._Problem, point: head.Floats, penalty: float) -> tuple[float, float, head.Floats]:
        time.sleep(0.05)
        return honest(self, point, penalty)

    monkeypatch.setattr(head._Problem, "loss_and_gradient", slow)


@pytest.mark.usefixtures("slow_solver")
def test_the_solver_is_cancelled_between_two_iterations(begin) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=None))
    job.wait_for(lambda state: len(state.head_steps) > 1)
    job.tell(Command.CANCEL)
    state = job.end()
    assert state.status is Status.CANCELLED
    assert {item.epoch for item in state.head_steps} == {0}


@pytest.mark.usefixtures("slow_solver")
def test_the_solver_waits_out_a_pause_and_a_stop_then_keeps_the_best_so_far(begin) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=None))
    job.wait_for(lambda state: len(state.head_steps) > 1)
    job.tell(Command.PAUSE)
    assert job.wait_for(lambda state: state.status is Status.PAUSED).phase == "head"
    time.sleep(0.5)
    job.tell(Command.STOP)
    state = job.end()
    assert state.status is Status.STOPPED
    assert state.head is not None
    assert len(state.head.validation_loss) == 1
    assert state.summary is not None
    assert (job.folder / state.summary.checkpoint).is_file()


def test_a_job_that_starts_paused_waits_in_its_first_pass(begin) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=None), command=Command.PAUSE)
    job.wait_for(lambda state: state.status is Status.PAUSED)
    job.tell(Command.RUN)
    assert job.end().status is Status.FINISHED


def test_a_stop_while_predictions_are_written_changes_nothing_but_the_ending(begin) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=msgspec.structs.replace(RECIPE.finetune, epochs=1)), command=Command.STOP)
    state = job.end()
    assert state.status is Status.STOPPED
    assert not any(isinstance(event, ev.Failed) for event in events_of(job.folder))


def test_pauses_do_not_count_as_working_time(begin) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=None), command=Command.PAUSE)
    job.wait_for(lambda state: state.status is Status.PAUSED)
    time.sleep(1.0)
    job.tell(Command.RUN)
    state = job.end()
    assert state.summary is not None
    times = [line.time for line in lines_of(job.folder)]
    assert state.summary.seconds < times[-1] - times[0] - 0.9
