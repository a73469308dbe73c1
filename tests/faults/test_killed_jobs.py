"""F01, F02: a killed job goes on where it was, and a killed command or window costs nothing."""

import os
import signal
from pathlib import Path

from tests.real_jobs import NETWORK, PATIENCE_S, begin, tlstudio, tlstudio_json, wait_for
from tlstudio.domain.run_state import Status
from tlstudio.jobs.outcome import words
from tlstudio.jobs.process import is_job_of, wait_until_gone
from tlstudio.jobs.watcher import read_state
from tlstudio.operations.projects import open_project
from tlstudio.operations.training import discard_run

COMMON = ("--recipe", "balanced", "--network", NETWORK, "--device", "cpu", "--set", "patience=0")
LONG = (*COMMON, "--set", "batch_size=4", "--set", "epochs=30")
"""Some seconds: not over before it is killed, and soon over where it goes on."""
ENDLESS = (*COMMON, "--set", "batch_size=1", "--set", "epochs=1000")
"""Minutes: never over before it is told."""


def test_a_killed_job_is_interrupted_and_continues_to_its_end(project: Path, home: Path) -> None:
    first = begin("train", project, *LONG, home=home)
    run = project / "runs" / "0001"
    state = wait_for(run, lambda state: len(state.steps) >= 9)
    assert state.pid is not None
    os.kill(state.pid, signal.SIGKILL)
    out, _err = first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 4
    assert "can continue" in out
    assert f"tlstudio train {project} --resume 1" in out
    killed = read_state(run)
    assert killed.status is Status.INTERRUPTED
    assert words(killed).text().startswith("Interrupted at step ")

    document = tlstudio_json("train", project, "--resume", 1, home=home)
    assert document["status"] == "finished"
    state = read_state(run)
    assert state.attempt == 2
    steps = [item.step for item in state.steps]
    assert steps == sorted(set(steps))
    assert tlstudio("check", project, home=home).stdout.startswith("Everything is whole")


def test_a_killed_command_leaves_the_run_going_where_it_can_be_told_and_is_there_once(project: Path, home: Path) -> None:
    watching = begin("train", project, *ENDLESS, home=home)
    run = project / "runs" / "0001"
    pid = wait_for(run, lambda state: len(state.steps) >= 2).pid
    assert pid is not None
    watching.kill()
    watching.communicate()
    assert is_job_of(run, pid)
    tlstudio("runs", project, "--pause", 1, home=home)
    paused = wait_for(run, lambda state: state.status is Status.PAUSED)
    tlstudio("runs", project, "--continue", 1, home=home)
    wait_for(run, lambda state: len(state.steps) > len(paused.steps))
    tlstudio("runs", project, "--stop", 1, home=home)
    state = wait_for(run, lambda state: state.status is Status.STOPPED)
    assert wait_until_gone(run, pid, timeout_s=60)
    for _ in range(2):
        opened = open_project(project)
        runs = opened.runs()
        opened.close()
        assert [item.number for item in runs] == [1]
        assert runs[0].status is Status.STOPPED
        assert runs[0].summary == state.summary
    assert tlstudio("check", project, home=home).stdout.startswith("Everything is whole")


def test_a_job_asked_to_end_by_the_system_can_continue_and_one_that_runs_can_be_discarded(project: Path, home: Path) -> None:
    watching = begin("train", project, *ENDLESS, home=home)
    run = project / "runs" / "0001"
    pid = wait_for(run, lambda state: len(state.steps) >= 5).pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    watching.communicate(timeout=PATIENCE_S)
    assert watching.returncode == 4
    assert read_state(run).status is Status.INTERRUPTED
    listed = tlstudio_json("runs", project, home=home)
    assert listed["runs"][0]["status"] == "interrupted"

    watching = begin("train", project, "--resume", 1, home=home)
    wait_for(run, lambda state: state.attempt == 2 and state.phase == "finetune")
    opened = open_project(project)
    try:
        discard_run(opened, 1)
        assert opened.runs() == []
    finally:
        opened.close()
    watching.communicate(timeout=PATIENCE_S)
    assert not run.exists()
    tlstudio("runs", project, "--stop", 1, home=home, expect=3)


def test_ctrl_c_stops_and_keeps_the_best(project: Path, home: Path) -> None:
    watching = begin("train", project, *ENDLESS, home=home)
    wait_for(project / "runs" / "0001", lambda state: len(state.validations) >= 2)
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=PATIENCE_S)
    assert watching.returncode == 130
    assert "Stopping; the best so far is kept" in err
    assert "Stopped, best kept" in out
    report = tlstudio_json("evaluate", project, "--run", "best", home=home)
    assert report["run"] == 1


def test_ctrl_c_twice_cancels_and_keeps_nothing(project: Path, home: Path) -> None:
    watching = begin("train", project, *ENDLESS, home=home)
    run = project / "runs" / "0001"
    wait_for(run, lambda state: len(state.steps) >= 1)
    watching.send_signal(signal.SIGINT)
    # The second press counts only while the first is being obeyed; without it this run would end as stopped.
    while watching.poll() is None and read_state(run).acknowledged != "cancel" and not read_state(run).status.is_over:
        watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=PATIENCE_S)
    assert watching.returncode == 130
    assert read_state(run).status in (Status.CANCELLED, Status.STOPPED)
