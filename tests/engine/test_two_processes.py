"""A training in two processes under torchrun, over a loopback of their own: the same result as in one, also where one is killed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.crews import MARKS, by_itself, ended, kept, kill, recipe, with_hook
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.nursery import GO_ON
from tests.real_jobs import PATIENCE_S, command, environment, tlstudio, tlstudio_json, wait_for
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import worker
from tlstudio.evaluation import predictions
from tlstudio.jobs import control

pytestmark = MARKS

HOLD = """
import os
from pathlib import Path
if os.environ.get("RANK") == "0":
    from tests.faults.nursery import hold
    hold(Path(os.environ["HELD"]), "validations", 3)
"""
"""Rank 0 waits with what it says after its third validation, so that no kill comes too late."""
ENDLESS = 100_000
NUM_STEPS = 24


Order = Callable[[str, Recipe], Path]


@pytest.fixture
def order(make_images, tmp_path: Path) -> Order:
    """Each in a project of its own, so that none finds what another has computed."""
    images = make_images({"bars": 20, "discs": 20})
    return lambda name, asked: write_training(tmp_path / name, asked, manifest_of(images), images=images)


def last_step(folder: Path) -> int:
    steps = [event.step for event in events_of(folder) if isinstance(event, ev.StepTrained) and event.learning_rate is not None]
    return steps[-1]


def has_resumed(folder: Path) -> bool:
    return any(isinstance(event, ev.Resumed) for event in events_of(folder))


def validated(state: RunState) -> tuple[int, int]:
    """The attempt, and the last epoch it has validated."""
    return state.attempt, state.validations[-1].epoch if state.validations else 0


def assert_alike(one: Path, other: Path) -> None:
    """The same training but for the order in which numbers were added."""
    first, second = kept(one), kept(other)
    for name in first:
        torch.testing.assert_close(first[name], second[name], rtol=1e-4, atol=1e-5)
    said, said_too = (predictions.read(folder / "predictions/predictions.safetensors") for folder in (one, other))
    np.testing.assert_array_equal(said.samples, said_too.samples)
    np.testing.assert_allclose(said.logits, said_too.logits, rtol=1e-3, atol=1e-4)
    validations, validations_too = (state_of(folder).validations for folder in (one, other))
    assert [item.loss for item in validations] == pytest.approx([item.loss for item in validations_too], rel=1e-3)
    assert [item.accuracy for item in validations] == [item.accuracy for item in validations_too]


def test_two_come_to_what_one_comes_to_and_to_the_very_same_bits_where_either_of_them_was_killed(
    order: Order, start, tmp_path: Path
) -> None:
    alone, undisturbed, killed = (order(name, recipe()) for name in ("alone", "undisturbed", "killed"))
    assert worker.run_job(alone) == 0
    state = ended(start(undisturbed), undisturbed)
    assert state.status is Status.FINISHED
    assert state.plan is not None
    assert state.plan.processes == 2
    assert state.steps[-1].step == NUM_STEPS
    assert state.attempt == 1
    assert_alike(alone, undisturbed)

    launcher = start(killed, **with_hook(tmp_path / "hooks", HOLD), HELD=str(killed))
    wait_for(killed, lambda state: validated(state) == (1, 2))
    kill(launcher, 0)
    wait_for(killed, lambda state: validated(state) == (2, 4))
    kill(launcher, 1)
    (killed / GO_ON).touch()
    assert ended(launcher, killed).status is Status.FINISHED
    resumed = [event for event in events_of(killed) if isinstance(event, ev.Resumed)]
    assert [event.from_step > 0 for event in resumed] == [True, True]
    assert [event.plan_change for event in resumed] == [None, None]
    ours, theirs = kept(killed), kept(undisturbed)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_one_killed_in_the_middle_of_a_step_costs_no_step_and_both_are_paused_continued_and_stopped(order: Order, start) -> None:
    folder = order("endless", recipe(epochs=ENDLESS))
    launcher = start(folder)
    wait_for(folder, lambda state: len(state.steps) >= 3 and state.phase == "finetune")
    kill(launcher, 1)
    told = last_step(folder)
    state = wait_for(folder, lambda state: state.attempt == 2 and has_resumed(folder) and last_step(folder) > told)
    (resumed,) = (event for event in events_of(folder) if isinstance(event, ev.Resumed))
    assert resumed.from_step >= told
    control.send(folder, Command.PAUSE)
    wait_for(folder, lambda state: state.status is Status.PAUSED)
    at = last_step(folder)
    control.send(folder, Command.RUN)
    wait_for(folder, lambda state: state.steps[-1].step > at)
    control.send(folder, Command.STOP)
    state = ended(launcher, folder)
    assert state.status is Status.STOPPED
    assert state.summary is not None
    assert len(predictions.read(folder / "predictions/predictions.safetensors").samples) == 20


def test_asked_to_end_the_launcher_lets_rank_0_write_a_checkpoint_and_ends_all(order: Order, start) -> None:
    folder = order("endless", recipe(epochs=ENDLESS, num_views=2))
    launcher = start(folder)
    last = wait_for(folder, lambda state: len(state.steps) >= 3 and state.phase == "finetune").steps[-1].step
    launcher.terminate()
    launcher.wait(PATIENCE_S)
    state = state_of(folder)
    assert state.status is Status.RUNNING  # no ending was written: whoever looks sees an interrupted run
    assert state.checkpoints[-1].step >= last


@pytest.fixture
def project(home: Path, tmp_path: Path, make_images) -> Path:
    folder = tmp_path / "Stripes"
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, make_images({"bars": 20, "discs": 20}), home=home)
    return folder


ASKED = ("--recipe", "balanced", "--network", "test_resnet", "--device", "cpu", "--set", "epochs=3", "--set", "batch_size=6")


def test_the_terminal_trains_in_two_processes_and_comes_to_what_one_comes_to(project: Path, home: Path) -> None:
    tlstudio("train", project, *ASKED, home=home)
    own_cache = {**environment(home), "TLSTUDIO_HOME": str(home)}
    shutil.rmtree(home / "cache", ignore_errors=True)
    done = subprocess.run(
        by_itself(command("train", project, *ASKED, "--processes", 2, "--json")), env=own_cache, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)["plan"]
    assert plan["processes"] == 2
    assert plan["num_views"] > 0
    assert_alike(project / "runs/0001", project / "runs/0002")


def test_two_machines_train_what_was_queued_by_the_command_they_are_given(project: Path, home: Path, tmp_path: Path) -> None:
    tlstudio("train", project, *ASKED, "--queue", home=home)
    given = tlstudio_json("cluster-command", project, "--run", 1, "--nodes", 2, "--endpoint", "127.0.0.1:29455", home=home)
    assert str(project) in given["places"]
    assert tlstudio_json("queue", project, home=home)["queue"] == []
    both = f"{given['command']} & {given['command']}; wait $!"
    log = tmp_path / "log.txt"
    with open(log, "wb") as output:
        machines = {**environment(home), "GLOO_SOCKET_IFNAME": "lo"}
        done = subprocess.run(by_itself(["bash", "-c", both]), env=machines, stdout=output, stderr=output, timeout=PATIENCE_S, check=False)
    state = state_of(project / "runs/0001")
    assert (done.returncode, state.status) == (0, Status.FINISHED), log.read_text()
    assert state.plan is not None
    assert state.plan.processes == 2
    assert tlstudio_json("runs", project, home=home)["best"] == 1
