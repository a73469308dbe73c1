"""Real commands and real job processes on a tiny network, for the tests that need them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tlstudio.domain.jobs import JOB_FILE
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs.watcher import Watcher

NETWORK = "test_resnet"
"""timm's smallest: half a megabyte, made for tests."""
PATIENCE_S = 240.0


def environment(home: Path) -> dict[str, str]:
    """For a command: its own folders, and few threads, because several tests may run."""
    return {**os.environ, "TLSTUDIO_HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "default"}


def command(*arguments: object) -> list[str]:
    """`tlstudio ARGUMENTS` with this Python."""
    return [sys.executable, "-m", "tlstudio", *(str(item) for item in arguments)]


def tlstudio(*arguments: object, home: Path, expect: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; its exit code must be `expect`."""
    result = subprocess.run(command(*arguments), env=environment(home), capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert result.returncode == expect, f"{arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result


def tlstudio_json(*arguments: object, home: Path, expect: int = 0) -> Any:
    """The same with `--json`: its one document."""
    return json.loads(tlstudio(*arguments, "--json", home=home, expect=expect).stdout)


def begin(*arguments: object, home: Path) -> "subprocess.Popen[str]":
    """Start a command and go on."""
    return subprocess.Popen(command(*arguments), env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(folder: Path, reached: Callable[[RunState], bool]) -> RunState:
    """Follow the job in `folder` until `reached`; a job that has its ending before fails the test."""
    deadline = time.monotonic() + PATIENCE_S
    while not (folder / JOB_FILE).exists():
        assert time.monotonic() < deadline, f"{folder} was never ordered"
        time.sleep(0.01)
    watcher = Watcher(folder)
    while time.monotonic() < deadline:
        state = watcher.poll()
        if reached(state):
            return state
        assert not state.status.is_over or state.status is Status.INTERRUPTED, f"{state.status} before it was reached: {state.failure}"
        time.sleep(0.01)
    raise AssertionError(f"{folder} did not get there in {PATIENCE_S:.0f} s: {state}")


def end_processes_of(place: Path) -> None:
    """End every process of ours whose command names something in `place`, whoever its parent is by now."""
    for process in psutil.process_iter():
        try:
            if any(str(place) in part for part in process.cmdline()) and process.pid != os.getpid():
                process.kill()
                process.wait(10)
        except psutil.NoSuchProcess:
            continue
