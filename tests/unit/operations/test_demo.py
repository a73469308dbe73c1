"""The demonstration goes the whole way on a small stand-in for the sample, says each step, and leaves its results."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tlstudio import paths
from tlstudio.domain.progress import ignore
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs.launch import StartedJob
from tlstudio.jobs.watcher import follow
from tlstudio.messages import Message
from tlstudio.operations import demo
from tlstudio.project.project import Project


@pytest.fixture
def said(tmp_path: Path, make_images: MakeImages, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Images of two classes with one copy and one unreadable file stand in for the sample; collects what is said."""
    images = make_images({"bars": 20, "discs": 20}, name="resources/sample")
    shutil.copyfile(images / "bars" / "bars_000.png", images / "bars" / "copy.png")
    (images / "discs" / "broken.png").write_bytes(b"not an image")
    real = paths.resources()
    monkeypatch.setattr(demo.projects.paths, "resources", lambda: images.parent)
    for item in real.iterdir():
        if not (images.parent / item.name).exists():
            (images.parent / item.name).symlink_to(item)
    return []


def _say_to(said: list[str]) -> demo.Say:
    def say(message: Message) -> None:
        said.append(message.text())

    return say


def _to_its_end(started: StartedJob) -> RunState:
    return list(follow(started.folder, process=started.process))[-1]


def test_the_whole_way_and_its_results(said: list[str]) -> None:
    report = demo.run_demo(say=_say_to(said), report=ignore, follow=_to_its_end)
    assert [line[:2] for line in said if line[0] != " "] == ["1.", "2.", "3.", "4.", "5."]
    assert any("42 images, 1 set aside" in line for line in said)
    assert any("with pretrained weights" in line for line in said)
    assert report.weights == "Starter (MobileNetV4 small)"
    assert report.compared is not None
    assert report.compared.num_same == report.compared.num_images
    for file in (report.model_file, report.answers_file, report.report_file):
        assert Path(file).stat().st_size > 0
    assert Path(report.answers_file).read_text("utf-8-sig").count("\n") == 7
    assert json.loads(Path(report.report_file).with_suffix(".json").read_text())["run"] == 1
    assert report.model_file in Path(report.report_file).read_text()
    project = Project.open(Path(report.project))
    assert [run.status for run in project.runs()] == [Status.FINISHED]
    project.close()


def test_a_job_that_ends_badly_ends_the_demonstration(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(folder: Path, **_other: object) -> StartedJob:
        return StartedJob(number=1, folder=folder, process=None)  # type: ignore[arg-type]

    monkeypatch.setattr(demo.training, "launch", launch)
    with pytest.raises(demo.JobEndedBadly) as ended:
        demo.run_demo(say=_say_to(said), report=ignore, follow=lambda _started: RunState(status=Status.FAILED))
    assert ended.value.state.status is Status.FAILED
    assert said[-1].startswith("2.")
