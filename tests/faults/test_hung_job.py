"""F30, F40: a job that hangs is ended and can go on, here or on the processor; one that is asked to end does so in the middle of a step."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.conftest import MakeImages
from tests.engine.folders import events_of, lines_of, manifest_of, state_of, write_training
from tests.real_jobs import PATIENCE_S
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker
from tlstudio.jobs.process import JobProcess, child_environment
from tlstudio.jobs.watcher import follow

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=3, batch_size=8, learning_rate=3e-3, patience=0, num_views=0),
    augmentation="light",
    seed=5,
)
# The real job; what would be computed on a card that hangs never comes back, or a step takes long layer by layer.
HANGS = """
import sys, time
from pathlib import Path
from tlstudio.engine import build, finetune, worker

build._SILENCE_LIMIT_S = 2.0
finetune._SAVE_EVERY_S = finetune._TELL_EVERY_S = 0.0
honest = finetune.FineTuning._backward

def backward(tuning, batch):
    if tuning.step == 4:
        time.sleep(10_000)
    return honest(tuning, batch)

finetune.FineTuning._backward = backward
raise SystemExit(worker.run_job(Path(sys.argv[1])))
"""
SLOW_LAYERS = """
import sys, time
from pathlib import Path
from tlstudio.engine import finetune, worker

finetune._TELL_EVERY_S = 0.0
honest = finetune.FineTuning._backward

def backward(tuning, batch):
    if tuning.step >= 2:
        for module in tuning.training.network.modules():
            module.register_forward_pre_hook(lambda *_given: time.sleep(0.5))
    return honest(tuning, batch)

finetune.FineTuning._backward = backward
raise SystemExit(worker.run_job(Path(sys.argv[1])))
"""


@pytest.fixture
def folder(make_images: MakeImages, tmp_path: Path) -> Path:
    images = make_images({"bars": 20, "discs": 20})
    return write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images)


@pytest.fixture
def started(folder: Path) -> Iterator[list[JobProcess]]:
    begun: list[JobProcess] = []
    yield begun
    for job in begun:
        job.kill()
        job.wait(60)


def start(folder: Path, script: str) -> JobProcess:
    with open(folder / "log.txt", "ab") as log:
        process = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=log, stderr=log, env=child_environment())
    return JobProcess(folder, process)


@pytest.mark.expects_log
def test_a_job_that_hangs_in_a_step_is_ended_and_goes_on_from_its_checkpoint_on_another_device(
    folder: Path, started: list[JobProcess]
) -> None:
    job = start(folder, HANGS)
    started.append(job)
    *_before, last = follow(folder, process=job)
    assert last.status is Status.INTERRUPTED
    assert job.wait(60) == -signal.SIGKILL
    assert last.can_continue
    environment = folder / "environment.json"
    wanted = msgspec.json.decode(environment.read_bytes()) | {"device": "cpu"}
    environment.write_bytes(msgspec.json.encode(wanted))
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 2)
    assert next(event for event in events_of(folder) if isinstance(event, ev.Resumed)).from_step == 4


def test_asked_to_end_in_the_middle_of_a_long_step_it_leaves_a_checkpoint_of_the_step_before(
    folder: Path, started: list[JobProcess]
) -> None:
    job = start(folder, SLOW_LAYERS)
    started.append(job)
    deadline = time.monotonic() + PATIENCE_S
    while not (folder / "journal.jsonl").exists() or not any(item.step >= 2 for item in state_of(folder).steps):
        assert job.poll() is None, (folder / "log.txt").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    job.terminate()
    assert job.wait(PATIENCE_S) == worker.EXIT_TERMINATED
    state = state_of(folder)
    told = state.steps[-1].step
    assert told == 2, "the step in which it was asked was not waited for"
    assert [item.step for item in state.checkpoints if not item.is_best][-1] == 2
    saved = [line for line in lines_of(folder) if isinstance(line.event, ev.CheckpointSaved)]
    assert saved[-1] == lines_of(folder)[-1], "the checkpoint is the last word"
    assert worker.run_job(folder) == 0
    assert state_of(folder).status is Status.FINISHED
