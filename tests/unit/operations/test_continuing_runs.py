"""Continuing a run that failed: only where there is something to go on from, and nobody takes the old ending for the new one."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.recorded import make_project, write_journal
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import ENVIRONMENT_FILE
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs.launch import StartedJob
from tlstudio.jobs.watcher import read_state
from tlstudio.messages import message
from tlstudio.operations import training
from tlstudio.operations.runs import find_run, list_runs
from tlstudio.project.project import Project

RECIPE = RECIPES["balanced"].build(NetworkPart(architecture="test_resnet"))
LAST = ev.CheckpointSaved(step=8, file="checkpoints/last-00000008.safetensors", hash="0", is_best=False)
BEST = ev.CheckpointSaved(step=0, file="checkpoints/best-00000000.safetensors", hash="0", is_best=True)


class _Process:
    """A job's process that has, or has not, ended."""

    def __init__(self, code: int | None) -> None:
        self.code = code

    def poll(self) -> int | None:
        return self.code


def failed(what: str = "job.disk_full") -> ev.Failed:
    return ev.Failed(title=message(what, "It failed."), hint=message("h", "Mend it."))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = make_project(tmp_path / "Insects")
    yield project
    project.close()


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], threading.Event]:
    """From now on a job's process is one that ends with this code at once, or goes on without a word; set when it was started."""

    def fake(code: int | None) -> threading.Event:
        launched = threading.Event()

        def launch(folder: Path, *, warm: object = None, notes: tuple[object, ...] = ()) -> StartedJob:
            launched.set()
            return StartedJob(number=int(folder.name), folder=folder, process=_Process(code))  # type: ignore[arg-type]

        monkeypatch.setattr(training, "launch", launch)
        return launched

    fake(0)
    return fake


def failed_run(project: Project, *said: ev.AnyEvent) -> Path:
    """Run 1, which was ordered long ago and has said this before it failed."""
    folder = training.start_training(project, RECIPE).folder
    os.utime(folder / ENVIRONMENT_FILE, (1_700_000_000, 1_700_000_000))
    write_journal(folder, [ev.Started(attempt=1, pid=1), *said])
    assert find_run(project, 1).status is Status.FAILED
    return folder


@pytest.mark.usefixtures("launches")
@pytest.mark.parametrize(
    "said",
    [
        pytest.param((BEST, failed()), id="only the head was saved"),
        pytest.param((BEST, LAST, failed("train.diverged")), id="the same would happen again"),
        pytest.param((LAST, ev.Resumed(attempt=1, from_step=0), failed()), id="the checkpoint was damaged"),
    ],
)
def test_a_failed_run_with_nothing_to_go_on_from_is_refused(project: Project, said: tuple[ev.AnyEvent, ...]) -> None:
    failed_run(project, *said)
    with pytest.raises(TLStudioError, match=r"Run 1 cannot be continued: only one that waits.* It says: Failed: It failed"):
        training.resume_run(project, 1)


@pytest.mark.usefixtures("launches")
def test_how_a_run_stands_is_said_in_the_language_of_the_refusal(project: Project) -> None:
    failed_run(project, failed())
    with pytest.raises(TLStudioError) as caught:
        training.resume_run(project, 1)
    state = caught.value.title.words["state"]
    assert str(caught.value).startswith(
        f"Run 1 cannot be continued: only one that waits, was interrupted or failed with a checkpoint. It says: {state}."
    )


def test_a_failed_run_goes_on_and_who_watches_it_sees_the_new_attempt(
    project: Project, launches: Callable[[int | None], threading.Event]
) -> None:
    folder = failed_run(project, BEST, LAST, failed())
    launched = launches(None)

    def speak() -> None:
        assert launched.wait(30)
        time.sleep(0.3)
        write_journal(folder, [ev.Started(attempt=2, pid=os.getpid())])

    speaking = threading.Thread(target=speak)
    speaking.start()
    training.resume_run(project, 1)
    state = read_state(folder)
    speaking.join()
    assert (state.attempt, state.failure) == (2, None)
    assert not state.status.is_over or state.status is Status.INTERRUPTED  # nobody holds its lock here
    write_journal(folder, [ev.Resumed(attempt=2, from_step=8), ev.Finished()])
    assert [run.status for run in list_runs(project)] == [Status.FINISHED]


def test_an_attempt_that_dies_before_its_first_word_leaves_the_run_as_it_was(
    project: Project, launches: Callable[[int | None], threading.Event]
) -> None:
    folder = failed_run(project, BEST, LAST, failed())
    launches(-9)
    training.resume_run(project, 1)
    assert read_state(folder).can_continue
    assert find_run(project, 1).status is Status.FAILED
