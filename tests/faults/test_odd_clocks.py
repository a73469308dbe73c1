"""F35: suspended, set back or an hour on: durations and order stay right, and nobody is taken for hung who only slept."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import MakeImages
from tests.engine.folders import lines_of, manifest_of, state_of, write_training
from tests.unit.jobs.journals import JournalWriter, phase, started, step
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import LOCK_FILE
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.engine import journal, worker
from tlstudio.engine.job import worked_s
from tlstudio.files import FileLock
from tlstudio.jobs import watcher as watching
from tlstudio.jobs.watcher import Watcher, kill_if_silent

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=2, batch_size=8, patience=0),
)


def folded(*said: tuple[ev.AnyEvent, float]) -> RunState:
    state = RunState()
    for event, at in said:
        state = apply(state, event, time=at)
    return state


def test_a_clock_that_is_set_back_gives_no_negative_time_and_no_other_order() -> None:
    state = folded((started(), 100.0), (phase("finetune", 50), 101.0), (step(1), 110.0), (step(2), 10.0), (step(3), 25.0))
    assert state.worked_s == 1.0 + 9.0 + 0.0 + 15.0
    assert [item.step for item in state.steps] == [1, 2, 3]


def test_a_night_in_which_the_computer_slept_was_not_worked() -> None:
    state = folded((started(), 0.0), (phase("finetune", 50, silence_limit_s=60.0), 1.0), (step(1), 5.0), (step(2), 8 * 3600.0))
    assert state.worked_s == 5.0 + 60.0


def test_pauses_and_the_time_between_attempts_do_not_count() -> None:
    state = folded(
        (started(), 0.0),
        (phase("finetune", 50), 2.0),
        (ev.Paused(step=1), 3.0),
        (ev.Continued(step=1), 500.0),
        (step(2), 504.0),
        (started(2), 9_000.0),
        (step(3), 9_001.0),
    )
    assert state.worked_s == 3.0 + 4.0 + 1.0


def test_a_run_under_a_clock_that_jumps_back_and_forth_ends_right(
    make_images: MakeImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jumps = iter([0.0, -3600.0, 3600.0, -86_400.0] * 10_000)
    monkeypatch.setattr(journal, "time", SimpleNamespace(time=lambda: time.time() + next(jumps)))
    images = make_images({"bars": 20, "discs": 20})
    folder = write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images)
    began = time.monotonic()
    assert worker.run_job(folder) == 0
    took = time.monotonic() - began
    lines, state = lines_of(folder), state_of(folder)
    assert any(later.time < earlier.time for earlier, later in pairwise(lines)), "the clock was not set back"
    assert [line.seq for line in lines] == list(range(len(lines)))
    assert state.status is Status.FINISHED
    steps = [item.step for item in state.steps]
    assert steps == sorted(set(steps))
    assert state.summary is not None
    assert 0.0 < state.summary.seconds <= took
    assert worked_s(tuple(lines)) >= 0.0


@pytest.fixture
def job(tmp_path: Path) -> Iterator[JournalWriter]:
    """One that says nothing for now, at work by its lock."""
    writer = JournalWriter(tmp_path / "0001")
    lock = FileLock(writer.folder / LOCK_FILE)
    assert lock.acquire()
    writer.say(started(), phase("finetune", 50, silence_limit_s=60.0))
    yield writer
    lock.release()


class Clock:
    """The watcher's, which can sleep."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(watching, "time", SimpleNamespace(monotonic=lambda: self.now, time=time.time, sleep=time.sleep))


def test_after_a_sleep_of_the_whole_computer_no_job_is_taken_for_hung(job: JournalWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    killed: list[int] = []
    monkeypatch.setattr(watching.processes, "kill_pid", lambda _folder, pid: killed.append(pid) or True)
    watcher = Watcher(job.folder)
    for _night in range(3):
        clock.now += 8 * 3600.0
        assert not kill_if_silent(watcher)
    assert killed == []


@pytest.mark.expects_log
def test_a_job_that_is_silent_while_the_watcher_is_awake_is_ended(job: JournalWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    killed: list[int] = []
    monkeypatch.setattr(watching.processes, "kill_pid", lambda _folder, pid: killed.append(pid) or True)
    watcher = Watcher(job.folder)
    waited = 0.0
    while not kill_if_silent(watcher):
        clock.now += 0.5
        waited += 0.5
        assert waited < 120.0
    assert killed == [1]
    assert 60.0 < waited <= 65.0
