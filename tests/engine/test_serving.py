"""The warm worker at the end of real pipes: answers images, then turns into a job."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.domain import serving
from tlstudio.domain.jobs import Environment
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker

REPOSITORY = Path(__file__).resolve().parents[2]
RECIPE = Recipe(name="quick", network=NetworkPart(architecture="test_resnet", input_size_px=64))


class Warm:
    """The parent's end, as small as can be."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def receive(self) -> serving.Reply:
        assert self.process.stdout is not None
        length = serving.body_length(self.process.stdout.read(serving.LENGTH_BYTES))
        return serving.decode_reply(self.process.stdout.read(length))

    def ask(self, request: serving.Request) -> serving.Reply:
        assert self.process.stdin is not None
        self.process.stdin.write(serving.encode_frame(request))
        self.process.stdin.flush()
        return self.receive()


@contextmanager
def warm_worker(log: Path) -> Iterator[Warm]:
    with open(log, "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tlstudio", "job"], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    with process:
        try:
            yield Warm(process)
        finally:
            process.kill()


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 10, "discs": 10})


def environment(project: Path) -> Environment:
    return Environment(roots={}, project_folder=str(project), cache_folder=str(project / "cache"), threads=1)


def test_it_answers_images_refuses_what_it_cannot_and_becomes_a_job(images: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    first = write_training(project, RECIPE, manifest_of(images), images=images)
    assert worker.run_job(first) == 0
    second = write_training(project, RECIPE, manifest_of(images), images=images, number=2)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with warm_worker(tmp_path / "warm.txt") as warm:
        ready = warm.receive()
        assert isinstance(ready, serving.Ready)
        assert ready.pid == warm.process.pid
        files = (str(images / "bars/bars_000.png"), str(broken), str(images / "discs/discs_000.png"))
        answers = warm.ask(serving.PredictImages(run_folder=str(first), environment=environment(project), files=files))
        assert isinstance(answers, serving.Answers)
        assert answers.class_names == ("bars", "discs")
        assert [item.predicted for item in answers.images] == [0, None, 1]
        assert sum(answers.images[0].probabilities) == pytest.approx(1)
        assert answers.images[1].reason is not None
        refused = warm.ask(serving.PredictImages(run_folder=str(second), environment=environment(project), files=files))
        assert isinstance(refused, serving.Refused)
        assert "no model" in refused.title.text()
        labelled = serving.JudgeHead(run_folder=str(first), environment=environment(project), manifest=manifest_of(images))
        judged = warm.ask(labelled)
        assert isinstance(judged, serving.HeadJudged)
        assert judged.class_names == ("bars", "discs")
        assert judged.accuracy == 1.0
        assert isinstance(warm.ask(serving.RunFolder(folder=str(second))), serving.Accepted)
        assert warm.process.wait(60) == 0
    assert state_of(second).status is Status.FINISHED
    assert (second / "log.txt").exists()


def test_an_idle_one_ends_with_its_pipe(tmp_path: Path) -> None:
    with warm_worker(tmp_path / "warm.txt") as warm:
        assert isinstance(warm.receive(), serving.Ready)
        assert warm.process.stdin is not None
        warm.process.stdin.close()
        assert warm.process.wait(20) == 0
