"""What a job tells of itself while it trains: gradient norm, waiting for images, how busy the machine is. None of it changes a bit."""

import gc
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest
import torch

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.engine.test_balanced import recipe
from tests.journals import until
from tlstudio.domain import events as ev
from tlstudio.domain.run_state import RunState
from tlstudio.engine import finetune, machine_watch, worker
from tlstudio.engine import job as orders
from tlstudio.engine.card import Look
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.job import WorkClock
from tlstudio.engine.waiting import Waiting


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20, "rings": 20})


@pytest.fixture
def run(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Trains two epochs, looking at the machine as often as it is told something; folder and state."""
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)

    def train(number: int = 1, *, look_every_s: float = 0.0, **part: float) -> tuple[Path, RunState]:
        monkeypatch.setattr(machine_watch, "_LOOK_EVERY_S", look_every_s)
        folder = write_training(tmp_path / "project", recipe(epochs=2, **part), manifest_of(images), images=images, number=number)
        assert worker.run_job(folder) == 0
        return folder, state_of(folder)

    return train


def test_every_step_tells_the_length_of_its_gradient_and_the_share_of_waiting(run) -> None:
    _folder, state = run()
    assert len(state.steps) == 8
    norms = [step.gradient_norm for step in state.steps]
    assert all(norm is not None and norm > 0 for norm in norms)
    assert len(set(norms)) == 8
    assert all(step.waiting is not None and 0 <= step.waiting <= 1 for step in state.steps)


def test_the_gradient_is_told_as_it_was_before_it_was_shortened(run) -> None:
    _folder, usual = run()
    _folder, short = run(2, clip_norm=1e-3)
    assert short.steps[0].gradient_norm > 1e-2
    assert short.steps[0].gradient_norm == pytest.approx(usual.steps[0].gradient_norm)


def test_a_slow_disk_shows_as_waiting(run, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Loader.view

    def slow(self: Loader, *arguments):
        time.sleep(0.06)
        return honest(self, *arguments)

    monkeypatch.setattr(Loader, "view", slow)
    _folder, state = run()
    assert max(step.waiting for step in state.steps) > 0.5


def test_a_job_tells_how_busy_the_machine_is_and_ends_with_its_ending(run) -> None:
    folder, state = run()
    assert len(state.looks) > 8
    said = events_of(folder)
    assert isinstance(said[-1], ev.Finished)
    assert [look.seconds for look in state.looks] == sorted(look.seconds for look in state.looks)
    assert 0 < state.looks[-1].seconds <= state.summary.seconds
    assert all(0 <= look.processor <= 1 for look in state.looks)
    assert any(look.processor > 0 for look in state.looks)
    assert all(0 < look.memory_bytes < psutil.virtual_memory().total for look in state.looks)
    assert all(look.card is look.card_memory_bytes is look.temperature_c is None for look in state.looks)


def test_looking_changes_no_bit_of_what_is_trained(run) -> None:
    looked, never = (run(number, look_every_s=every)[0] for number, every in ((1, 0.0), (2, 1e9)))
    assert any(isinstance(event, ev.DeviceLooked) for event in events_of(looked))
    assert not any(isinstance(event, ev.DeviceLooked) for event in events_of(never))
    first, second = (open_run(folder)[0].state_dict() for folder in (looked, never))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_job_that_says_nothing_is_not_spoken_for(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a hung job would never be taken for hung."""
    monkeypatch.setattr(machine_watch, "_LOOK_EVERY_S", 0.0)
    job = SimpleNamespace(clock=SimpleNamespace(seconds=0.0))
    said: list[ev.AnyEvent] = []

    def silent() -> Iterator[ev.AnyEvent]:
        time.sleep(0.3)
        assert not said
        yield ev.StillWorking()

    for event in machine_watch.watched(job, silent()):
        said.append(event)
    assert [type(event) for event in said] == [ev.DeviceLooked, ev.StillWorking]


def test_a_pause_does_not_count_as_idleness(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0, worked=0.0)
    clock.monotonic, clock.process_time = lambda: clock.now, lambda: clock.worked
    monkeypatch.setattr(machine_watch, "time", clock)
    monkeypatch.setattr(orders, "time", clock)
    monkeypatch.setattr(machine_watch, "num_processors", lambda: 4)
    gate = SimpleNamespace(paused_s=0.0)
    job = SimpleNamespace(clock=WorkClock((), gate))

    def events() -> Iterator[ev.AnyEvent]:
        clock.now, clock.worked = 103.0, 6.0
        yield ev.StillWorking()
        yield ev.Paused(step=1)
        clock.now, gate.paused_s = 1103.0, 1000.0
        yield ev.Continued(step=1)
        clock.now, clock.worked = 1106.0, 18.0
        yield ev.StillWorking()

    looks = [event for event in machine_watch.watched(job, events()) if isinstance(event, ev.DeviceLooked)]
    assert [(look.seconds, look.processor) for look in looks] == [(3.0, 0.5), (6.0, 1.0)]


def test_a_card_is_told_with_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    look = Look(load=0.87, memory_bytes=3 * 2**30, memory_total_bytes=24 * 2**30)
    monkeypatch.setattr(machine_watch, "_LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(machine_watch, "_card_of", lambda device: SimpleNamespace(look=lambda: look) if device == "cuda:1" else None)
    job = SimpleNamespace(clock=SimpleNamespace(seconds=0.0))
    plan = msgspec.structs.replace(until("balanced", ev.PlanFixed).plan, device="cuda:1")
    said = list(machine_watch.watched(job, iter([ev.PlanFixed(plan=plan), ev.StillWorking()])))
    (told,) = (event for event in said if isinstance(event, ev.DeviceLooked))
    assert (told.card, told.card_memory_bytes, told.card_memory_total_bytes) == (0.87, 3 * 2**30, 24 * 2**30)
    assert told.temperature_c is None, "what a card does not tell is left out"


def test_batches_that_are_counted_are_closed_with_the_count() -> None:
    ended = []

    def batches() -> Iterator[int]:
        try:
            yield from range(9)
        finally:
            ended.append(True)

    counted = Waiting().counted(batches())
    assert [next(counted), next(counted)] == [0, 1]
    gc.disable()
    try:
        counted.close()
        assert ended
    finally:
        gc.enable()
    assert list(Waiting().counted(iter([4, 5]))) == [4, 5]
