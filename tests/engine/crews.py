"""Trainings in two processes under torchrun, for the tests that need them: over a loopback of their own."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import torch

from tests.engine.folders import state_of
from tests.own_loopback import with_own_loopback
from tests.real_jobs import PATIENCE_S, environment
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState
from tlstudio.engine.checkpoint import open_run
from tlstudio.files import FileLock
from tlstudio.jobs import several

REPOSITORY = Path(__file__).resolve().parents[2]
MARKS = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces"),
    pytest.mark.timeout(900),  # each start loads torch in two processes, and a machine may be busy with other tests
]
Start = Callable[..., psutil.Process]


def recipe(*, num_views: int = 0, epochs: int = 6) -> Recipe:
    """Batches of 5, so that the two shares are uneven."""
    return Recipe(
        name="balanced",
        network=NetworkPart(architecture="test_resnet", input_size_px=64),
        finetune=FineTunePart(num_stages=1, epochs=epochs, batch_size=6, learning_rate=3e-3, patience=0, num_views=num_views),
        augmentation="moderate",
        seed=3,
    )


def by_itself(command: list[str]) -> list[str]:
    """The command where it can speak to nobody but itself."""
    own = with_own_loopback(command)
    if own is None:
        pytest.skip("no network namespace can be made here")
    return own


@contextmanager
def launching(home: Path) -> Iterator[Start]:
    """Starts a job in two processes; returns their launcher, which is ended with all of them where the test forgets it."""
    launchers: list[subprocess.Popen[bytes]] = []

    def begin(folder: Path, **more: str) -> psutil.Process:
        own = by_itself([sys.executable, "-P", *several.here(folder, 2)])
        with open(folder / "log.txt", "ab") as log:
            launchers.append(
                subprocess.Popen(
                    own, env={**environment(home), **several.ENVIRONMENT, **more}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
                )
            )
        return psutil.Process(launchers[-1].pid)

    yield begin
    for launcher in launchers:
        if launcher.poll() is None:
            children = psutil.Process(launcher.pid).children(recursive=True)
            launcher.kill()
            for child in children:
                child.kill()
        launcher.wait()


def ended(launcher: psutil.Process, folder: Path) -> RunState:
    """The state once all processes are gone."""
    assert launcher.wait(PATIENCE_S) == 0, (folder / "log.txt").read_text()
    assert not FileLock(folder / "job.lock").is_held_elsewhere()
    return state_of(folder)


def kill(launcher: psutil.Process, rank: int) -> None:
    """-9 for one of the two."""
    (one,) = (child for child in launcher.children() if child.environ().get("RANK") == str(rank))
    one.send_signal(signal.SIGKILL)


def kept(folder: Path) -> dict[str, torch.Tensor]:
    return open_run(folder)[0].state_dict()


def with_hook(folder: Path, code: str) -> dict[str, str]:
    """The environment of processes that run `code` before anything else."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": f"{folder}:{REPOSITORY}"}
