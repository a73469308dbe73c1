"""F01: a run that was paused goes on after the program ended and everything it lay in was moved, as if nothing had been."""

import os
import shutil
import signal
from pathlib import Path

from blake3 import blake3

from tests.real_jobs import NETWORK, PATIENCE_S, begin, end_processes_of, tlstudio, tlstudio_json, wait_for
from tlstudio.domain.run_state import Status
from tlstudio.evaluation import predictions
from tlstudio.jobs.watcher import read_state

SET = ("--set", "patience=0", "--set", "batch_size=4", "--set", "epochs=30")
TRAINING = (
    "--recipe",
    "balanced",
    "--network",
    NETWORK,
    "--device",
    "cpu",
    "--set",
    "patience=0",
    "--set",
    "batch_size=4",
    "--set",
    "epochs=30",
)


def result_of(run: Path) -> tuple[object, ...]:
    summary = read_state(run).summary
    assert summary is not None
    read = predictions.read(run / "predictions/predictions.safetensors")
    losses = [(item.step, item.loss, item.is_best) for item in read_state(run).validations]
    return blake3((run / summary.checkpoint).read_bytes()).hexdigest(), read.logits.tobytes(), losses


def test_paused_closed_moved_opened_and_continued_it_equals_the_uninterrupted_one(project: Path, home: Path, tmp_path: Path) -> None:
    watching = begin("train", project, *TRAINING, home=home)
    run = project / "runs" / "0001"
    wait_for(run, lambda state: len(state.steps) >= 5)
    tlstudio("runs", project, "--pause", 1, home=home)
    paused = wait_for(run, lambda state: state.status is Status.PAUSED)
    assert paused.pid is not None
    os.kill(paused.pid, signal.SIGTERM)  # as at the end of a day, when the computer is shut down
    watching.communicate(timeout=PATIENCE_S)
    assert watching.returncode == 4

    moved, at_home = tmp_path / "elsewhere" / "Survey", tmp_path / "elsewhere" / "home"
    moved.parent.mkdir()
    shutil.move(project, moved)
    shutil.move(home, at_home)
    run = moved / "runs" / "0001"
    try:
        document = tlstudio_json("train", moved, "--resume", 1, home=at_home)
        assert (document["status"], read_state(run).attempt) == ("finished", 2)
        assert not any("other conditions" in warning for warning in document["warnings"])
        tlstudio("train", moved, *TRAINING, home=at_home)
        whole = moved / "runs" / "0002"
        assert read_state(whole).attempt == 1
        assert result_of(run) == result_of(whole)
        assert tlstudio("check", moved, home=at_home).stdout.startswith("Everything is whole")
    finally:
        end_processes_of(moved)
