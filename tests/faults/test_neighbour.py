"""Good neighbour: priority, threads, memory and the graphics card are left to others, and a run loses nothing but time by it."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest

from tests.conftest import MakeImages
from tests.engine.folders import manifest_of, state_of, write_training
from tests.engine.test_control import Running
from tests.faults.test_job_kill import result_of
from tests.real_jobs import NETWORK, PATIENCE_S, begin, tlstudio, tlstudio_json, wait_for
from tlstudio.domain import jobs
from tlstudio.domain.jobs import Command, Environment
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import build, neighbour, worker
from tlstudio.engine.card import Neighbour
from tlstudio.engine.neighbour import Courtesy
from tlstudio.messages import Message, message
from tlstudio.processor import num_threads

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=4, batch_size=4, learning_rate=3e-3, patience=0),
    augmentation="light",
    seed=5,
)
BUSY = message("job.waits_for_card", "{program} needs the graphics card; as a good neighbour this run waits.", program="simulation")


class FakeCard:
    def __init__(self) -> None:
        self.running: tuple[Neighbour, ...] | None = ()

    def neighbours(self) -> tuple[Neighbour, ...] | None:
        return self.running


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> FakeCard:
    """Looked at whenever it is asked."""
    monkeypatch.setattr(neighbour, "_LOOK_EVERY_S", 0.0)
    return FakeCard()


def courtesy(card: FakeCard) -> Courtesy:
    return Courtesy(card, name_of={7: "simulation", 8: None}.get)  # type: ignore[arg-type]


def test_another_program_that_computes_on_the_card_is_given_way_until_it_has_been_quiet_for_a_while(card: FakeCard) -> None:
    polite = courtesy(card)
    assert polite() is None
    card.running = (Neighbour(pid=7, load=0.9),)
    assert polite() == BUSY
    card.running = (Neighbour(pid=7, load=0.0),)
    assert [polite() is None for _ in range(4)] == [False, False, True, True]


@pytest.mark.parametrize(
    "running",
    [None, (), (Neighbour(pid=7, load=0.02),), (Neighbour(pid=7, load=None),), (Neighbour(pid=8, load=1.0),)],
    ids=["not told", "nobody", "idle", "load not told", "a run of ours"],
)
def test_who_does_not_need_the_card_is_not_waited_for(card: FakeCard, running: tuple[Neighbour, ...] | None) -> None:
    card.running = running
    assert courtesy(card)() is None


def test_runs_of_this_program_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch, card: FakeCard) -> None:
    process = SimpleNamespace(name=lambda: "python", cmdline=lambda: ["python", "-P", "-m", "tlstudio", "job", "x"])
    monkeypatch.setattr(neighbour, "psutil", SimpleNamespace(Process=lambda _pid: process, Error=psutil.Error))
    card.running = (Neighbour(pid=4711, load=1.0),)
    assert Courtesy(card)() is None  # type: ignore[arg-type]


class Others:
    """Whether another program needs the card, as the test says."""

    def __init__(self) -> None:
        self.reason: Message | None = None

    def __call__(self) -> Message | None:
        return self.reason


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Others:
    """For a job that runs in this process, which keeps its own priority and memory."""
    others = Others()
    monkeypatch.setattr(worker, "lower_priority", lambda: None)
    monkeypatch.setattr(build.neighbour, "limit_memory", lambda _device, **_how: None)
    monkeypatch.setattr(build.neighbour, "courtesy_on", lambda _device: others)
    return others


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 20, "discs": 20})


def neighbourly(folder: Path) -> Path:
    file = folder / jobs.ENVIRONMENT_FILE
    environment = msgspec.json.decode(file.read_bytes(), type=Environment)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(environment, good_neighbour=True)))
    return folder


def is_waiting(state: RunState) -> bool:
    return state.status is Status.PAUSED and state.waits_for == BUSY


def test_a_run_waits_while_the_card_is_needed_and_ends_with_the_same_bits(images: Path, tmp_path: Path, others: Others) -> None:
    whole = write_training(tmp_path / "whole", RECIPE, manifest_of(images), images=images)
    assert worker.run_job(whole) == 0
    others.reason = BUSY
    job = Running(neighbourly(write_training(tmp_path / "polite", RECIPE, manifest_of(images), images=images)))
    job.wait_for(is_waiting)
    others.reason = None
    state = job.end()
    assert (state.status, state.attempt) == (Status.FINISHED, 1)
    assert result_of(job.folder) == result_of(whole)


def test_told_to_go_on_it_gives_way_no_more(images: Path, tmp_path: Path, others: Others) -> None:
    others.reason = BUSY
    job = Running(neighbourly(write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images)))
    job.wait_for(is_waiting)
    job.tell(Command.RUN)
    assert job.end().status is Status.FINISHED


def test_stopped_while_it_waits_it_ends(images: Path, tmp_path: Path, others: Others) -> None:
    others.reason = BUSY
    job = Running(neighbourly(write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images)))
    job.wait_for(is_waiting)
    job.tell(Command.CANCEL)
    assert job.end().status is Status.CANCELLED
    assert state_of(job.folder).waits_for is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the system as Linux tells it")
def test_a_real_job_has_a_low_priority_a_thread_fewer_and_a_limit_and_the_setting_lasts(project: Path, home: Path) -> None:
    tlstudio("settings", "--good-neighbour", "on", home=home)
    assert tlstudio_json("settings", home=home)["good_neighbour"] is True
    endless = ("--set", "patience=0", "--set", "batch_size=1", "--set", "epochs=1000")
    watching = begin("train", project, "--recipe", "balanced", "--network", NETWORK, "--device", "cpu", *endless, home=home)
    run = project / "runs" / "0001"
    state = wait_for(run, lambda state: len(state.steps) >= 2)
    assert state.pid is not None
    assert state.plan is not None
    process = psutil.Process(state.pid)
    threads = [int(name) for name in os.listdir(f"/proc/{state.pid}/task")]
    assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {10}
    assert process.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
    assert process.rlimit(psutil.RLIMIT_DATA)[0] == psutil.virtual_memory().total // 2
    assert state.plan.threads == max(1, num_threads() - 1)
    tlstudio("runs", project, "--cancel", 1, home=home)
    watching.communicate(timeout=PATIENCE_S)
    tlstudio("settings", "--good-neighbour", "off", home=home)
    assert tlstudio_json("settings", home=home)["good_neighbour"] is False
