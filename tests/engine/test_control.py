"""Pause, continue, stop and cancel: told through the file, acknowledged at once, obeyed in every phase of the real job."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.engine.folders import events_of, lines_of, manifest_of, state_of, write_training
from tlstudio import files
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import CONTROL_FILE, Command, Control
from tlstudio.domain.recipe import FineTunePart, HeadPart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import finetune, head, head_descent, worker
from tlstudio.engine.data.features import FeaturePass
from tlstudio.engine.finetune import FineTuning
from tlstudio.engine.journal import JournalWriter

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=100_000, batch_size=8, patience=0),  # never over before it is told
    augmentation="light",
)
PATIENCE_S = 120.0


class Running:
    """A job that runs in a thread of this process, told through its control file like any other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code: int | None = None
        self._thread = threading.Thread(target=self._run, name="job")
        self._thread.start()

    def _run(self) -> None:
        self.code = worker.run_job(self.folder)

    def tell(self, command: Command) -> None:
        files.write_json(self.folder / CONTROL_FILE, Control(command=command))

    def tell_and_hear(self, command: Command) -> None:
        """Tell it and wait for its acknowledgement."""
        self.tell(command)
        self.wait_for(lambda _state: ev.Acknowledged(command=command.value) in events_of(self.folder))

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


class Held:
    """From now on a method of the job waits where it is called for the `after`-th time, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, method: str, *, after: int = 1) -> None:
        honest = getattr(owner, method)
        self._is_held, self._go_on = threading.Event(), threading.Event()
        self._num_calls = 0

        def held(*arguments: object) -> object:
            self._num_calls += 1
            if self._num_calls == after:
                self._is_held.set()
                self._go_on.wait(PATIENCE_S)
            return honest(*arguments)

        monkeypatch.setattr(owner, method, held)

    def wait_until_held(self) -> None:
        assert self._is_held.wait(PATIENCE_S)

    def let_go(self) -> None:
        self._go_on.set()


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


def num_steps_after(folder: Path, command: Command) -> int:
    """How many steps the job still told of once it had acknowledged a command."""
    said = events_of(folder)
    acknowledged = said.index(ev.Acknowledged(command=command.value))
    return sum(isinstance(event, ev.StepTrained) for event in said[acknowledged:])


def test_pause_waits_with_a_checkpoint_and_continue_goes_on(begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)
    step = Held(monkeypatch, FineTuning, "train", after=5)
    job = begin()
    step.wait_until_held()
    job.tell_and_hear(Command.PAUSE)  # in the middle of a step
    step.let_go()
    state = job.wait_for(lambda state: state.status is Status.PAUSED)
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
    job.tell(Command.STOP)
    state = job.end()
    assert job.code == 0
    assert num_steps_after(job.folder, Command.STOP) <= 1
    assert state.status is Status.STOPPED
    assert state.summary is not None
    assert (job.folder / state.summary.checkpoint).is_file()
    assert state.predictions is not None
    assert state.best is not None
    assert state.summary.best_step == state.best.step


def test_cancel_ends_at_once_and_keeps_nothing(begin) -> None:
    job = begin()
    job.wait_for(lambda state: len(state.validations) > 2)
    job.tell(Command.CANCEL)
    state = job.end()
    assert num_steps_after(job.folder, Command.CANCEL) <= 1
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


@pytest.mark.parametrize("command", [Command.STOP, Command.CANCEL])
def test_the_first_pass_can_be_ended_too(begin, monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    features = Held(monkeypatch, FeaturePass, "_features")
    job = begin(msgspec.structs.replace(RECIPE, finetune=None))
    features.wait_until_held()
    assert job.wait_for(lambda _state: True).phase == "features"
    job.tell_and_hear(command)
    features.let_go()
    state = job.end()
    assert state.status is (Status.STOPPED if command is Command.STOP else Status.CANCELLED)
    assert state.summary is None
    assert state.head is None


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Held:
    """The solver of the head, met between its first iterations."""
    return Held(monkeypatch, head.Problem, "loss_and_gradient", after=3)


def test_the_solver_is_cancelled_between_two_iterations(begin, solver: Held) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=None))
    solver.wait_until_held()
    job.tell_and_hear(Command.CANCEL)
    solver.let_go()
    state = job.end()
    assert state.status is Status.CANCELLED
    assert {item.epoch for item in state.head_steps} == {0}


def test_the_solver_waits_out_a_pause_and_a_stop_then_keeps_the_best_so_far(begin, solver: Held) -> None:
    job = begin(msgspec.structs.replace(RECIPE, finetune=None))
    solver.wait_until_held()
    job.tell_and_hear(Command.PAUSE)
    solver.let_go()
    assert job.wait_for(lambda state: state.status is Status.PAUSED).phase == "head"
    time.sleep(0.5)
    job.tell(Command.STOP)
    state = job.end()
    assert state.status is Status.STOPPED
    assert state.head is not None
    assert len(state.head.validation_loss) == 1
    assert state.summary is not None
    assert (job.folder / state.summary.checkpoint).is_file()


@pytest.mark.parametrize("command", [Command.STOP, Command.CANCEL])
def test_a_head_that_is_trained_waits_out_a_pause_and_then_ends_as_asked(begin, monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    descent = Held(monkeypatch, head_descent._Descent, "_step", after=3)
    job = begin(msgspec.structs.replace(RECIPE, finetune=None, head=HeadPart(kind="mlp", hidden=16)))
    descent.wait_until_held()
    job.tell_and_hear(Command.PAUSE)
    descent.let_go()
    assert job.wait_for(lambda state: state.status is Status.PAUSED).phase == "head"
    job.tell(command)
    state = job.end()
    assert state.status is (Status.STOPPED if command is Command.STOP else Status.CANCELLED)
    if command is Command.STOP:
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
    ordered = time.monotonic()
    job = begin(msgspec.structs.replace(RECIPE, finetune=None), command=Command.PAUSE)
    job.wait_for(lambda state: state.status is Status.PAUSED)
    seen_paused = time.monotonic()
    time.sleep(1.0)
    told = time.monotonic()
    job.tell(Command.RUN)
    state = job.end()
    assert state.summary is not None
    assert state.summary.seconds <= (time.monotonic() - ordered) - (told - seen_paused)
