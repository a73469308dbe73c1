"""The command for a cluster: for a run that waits, the same on every machine, and nothing is started by asking for it."""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project
from tests.replayed_job import finished_run
from tlstudio.domain.jobs import ENVIRONMENT_FILE, QUEUED_FILE, Environment
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.jobs import several
from tlstudio.operations import queueing, runs, training
from tlstudio.operations.clusters import cluster_command
from tlstudio.project.project import Project

RECIPE = RECIPES["balanced"].build(NetworkPart(architecture="mobilenetv4_conv_small"))
ASKED = {"nodes": 2, "per_node": 4, "endpoint": "node01:29400"}


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Iterator[Project]:
    made = make_project(tmp_path / "my survey")
    yield made
    made.close()


def test_a_queued_run_gets_its_command_and_leaves_the_queue(project: Project) -> None:
    (number, other), _notes = queueing.enqueue(project, [RECIPE, RECIPE])
    found = cluster_command(project, number, **ASKED)
    words = shlex.split(found.command)
    folder = project.folder / "runs" / f"{number:04d}"
    assert words[-4:] == ["-m", "tlstudio", "job", str(folder)]
    assert {"--nnodes=2", "--nproc-per-node=4", "--rdzv-endpoint=node01:29400"} <= set(words)
    assert project.folder in found.places
    assert not (folder / QUEUED_FILE).exists()
    assert queueing.order(project) == [other]
    assert not (folder / "journal.jsonl").exists()


@pytest.mark.parametrize("start", [lambda project, number: cluster_command(project, number, **ASKED), training.resume_run])
def test_who_comes_too_late_to_a_run_of_the_queue_does_not_start_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, start: Callable[[Project, int], object]
) -> None:
    (number,), _notes = queueing.enqueue(project, [RECIPE])
    started: list[Path] = []
    monkeypatch.setattr(training, "launch", lambda folder, warm: started.append(folder))
    looked = runs.startable_run

    def look(project: Project, number: int) -> object:
        found = looked(project, number)
        (project.folder / "runs" / f"{number:04d}" / QUEUED_FILE).unlink()  # somebody else starts it just now
        return found

    monkeypatch.setattr(runs, "startable_run", look)
    with pytest.raises(TLStudioError, match=r"does not wait in the queue"):
        start(project, number)
    assert started == []


@pytest.mark.parametrize("endpoint", ["node01", "node01:", ":29400", "node01:http", "node01:70000"])
def test_an_endpoint_that_is_none_is_refused_and_the_run_still_waits(project: Project, endpoint: str) -> None:
    (number,), _notes = queueing.enqueue(project, [RECIPE])
    with pytest.raises(TLStudioError, match=r"HOST:PORT"):
        cluster_command(project, number, nodes=2, per_node=1, endpoint=endpoint)
    assert queueing.order(project) == [number]


def test_how_many_processes_were_asked_for_stays_with_a_run_that_waits(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,), _notes = queueing.enqueue(project, [RECIPE], processes=3)
    started: list[Path] = []
    monkeypatch.setattr(queueing, "launch", lambda folder, warm: started.append(folder))
    queueing.start_next(project)
    assert started == [project.folder / "runs" / f"{number:04d}"]
    environment = msgspec.json.decode((started[0] / ENVIRONMENT_FILE).read_bytes(), type=Environment)
    assert environment.processes == 3


def test_on_this_machine_nothing_of_it_can_be_reached_from_another(tmp_path: Path) -> None:
    first, second = (several.here(tmp_path, 4) for _time in range(2))
    assert "--rdzv-conf=store_type=file" in first
    assert "--local-addr=127.0.0.1" in first
    assert not any("endpoint" in word for word in first)
    assert first != second, "each start meets under a name of its own"
    assert several.ENVIRONMENT["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] == "1"


def test_a_run_that_left_the_queue_for_a_cluster_can_be_started_here_after_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (number, other), _notes = queueing.enqueue(project, [RECIPE, RECIPE])
    cluster_command(project, number, **ASKED)
    started: list[str] = []
    monkeypatch.setattr(training, "launch", lambda folder, warm: started.append(folder.name))
    training.resume_run(project, number)
    training.resume_run(project, other)
    assert started == [f"{number:04d}", f"{other:04d}"]
    assert queueing.order(project) == []


def test_a_command_that_was_lost_is_given_again(project: Project) -> None:
    (number,), _notes = queueing.enqueue(project, [RECIPE])
    assert cluster_command(project, number, **ASKED).command == cluster_command(project, number, **ASKED).command


def test_a_run_that_is_over_is_refused_as_continuing_it_here_is(project: Project) -> None:
    finished_run(project, 1, "balanced")
    refusals = []
    for ask in (lambda: cluster_command(project, 1, **ASKED), lambda: training.resume_run(project, 1)):
        with pytest.raises(TLStudioError, match=r"Run 1 cannot be continued.* It says: Done") as refused:
            ask()
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]
