"""The warm worker answers, hands itself over, and survives a child that dies of a request."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tlstudio.domain.jobs import Environment
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.serving import FeaturesMissing, JudgeHead
from tlstudio.errors import TLStudioError
from tlstudio.jobs import warm as warming
from tlstudio.jobs.warm import WarmWorker

FAKE = Path(__file__).with_name("fake_worker.py")
ENVIRONMENT = Environment(roots={}, project_folder="", cache_folder="")
MakeWorker = Callable[[str], WarmWorker]


@pytest.fixture
def make_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeWorker]:
    """A worker whose child is the fake one, in a given manner."""
    made: list[WarmWorker] = []

    def make(manner: str = "well") -> WarmWorker:
        def spawn(_arguments: list[str], **streams: object) -> "subprocess.Popen[bytes]":
            return subprocess.Popen([sys.executable, str(FAKE), manner], **streams)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr(warming, "spawn", spawn)
        monkeypatch.setenv("PYTHONPATH", str(FAKE.parents[3]))
        made.append(WarmWorker(tmp_path / "log"))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def test_images_are_answered_in_order(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("well")
    answers = worker.predict(tmp_path, ENVIRONMENT, ("/b.png", "/a.png"))
    assert [item.file for item in answers.images] == ["/b.png", "/a.png"]
    assert answers.class_names == ("ants", "bees")
    assert worker.is_idle


def test_a_job_takes_the_waiting_child_over(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("well")
    worker.start()
    assert worker.wait_until_ready(20)
    process = worker.run(tmp_path)
    assert process is not None
    assert process.wait(20) == 0
    assert (tmp_path / "ran.txt").read_text() == str(process.pid)
    assert not worker.is_idle
    assert worker.run(tmp_path) is None
    assert worker.predict(tmp_path, ENVIRONMENT, ("/a.png",)).images


def test_without_a_ready_child_a_job_starts_cold(make_worker: MakeWorker, tmp_path: Path) -> None:
    assert make_worker("well").run(tmp_path) is None


def test_a_job_does_not_wait_for_images_to_be_answered(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("thinks")
    asking = threading.Thread(target=worker.predict, args=(tmp_path, ENVIRONMENT, ("/a.png",)))
    asking.start()
    try:
        while not (tmp_path / "asked.txt").exists():
            time.sleep(0.01)
        assert not worker.is_idle
        assert worker.run(tmp_path) is None
    finally:
        (tmp_path / "go on.txt").write_text("")
        asking.join(20)
    assert worker.is_idle


@pytest.mark.expects_log
def test_a_child_that_dies_of_a_request_is_replaced_once(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("dies once")
    assert worker.predict(tmp_path, ENVIRONMENT, ("/a.png",)).images[0].predicted == 0
    assert (tmp_path / "died.txt").exists()


@pytest.mark.expects_log
@pytest.mark.parametrize("manner", ["dies", "stillborn", "babbles"])
def test_two_dead_children_are_an_error_with_a_log_to_read(make_worker: MakeWorker, tmp_path: Path, manner: str) -> None:
    with pytest.raises(TLStudioError, match=r"ended twice.*warm-log\.txt"):
        make_worker(manner).predict(tmp_path, ENVIRONMENT, ("/a.png",))


def test_a_refusal_is_handed_on_and_the_child_stays(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("refuses")
    worker.start()
    assert worker.wait_until_ready(20)
    with pytest.raises(TLStudioError, match="running already"):
        worker.run(tmp_path)
    assert worker.predict(tmp_path, ENVIRONMENT, ("/a.png",)).images


def labels(folder: Path) -> JudgeHead:
    return JudgeHead(run_folder=str(folder), environment=ENVIRONMENT, manifest=Manifest(classes=(), entries=()))


def test_labels_are_answered_by_a_child_that_waits_and_start_none(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("well")
    assert worker.judge_head(labels(tmp_path)) is None
    assert not worker.wait_until_ready(0.1), "no child was started for it"
    worker.start()
    assert worker.wait_until_ready(20)
    assert worker.judge_head(labels(tmp_path)) == FeaturesMissing(num_missing=3, num_images=9)
    assert worker.is_idle


@pytest.mark.expects_log
def test_a_child_that_dies_of_labels_is_replaced(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("dies once")
    worker.start()
    assert worker.wait_until_ready(20)
    with pytest.raises(TLStudioError, match=r"ended.*They are saved"):
        worker.judge_head(labels(tmp_path))
    assert worker.wait_until_ready(20)
    assert worker.judge_head(labels(tmp_path)) is not None


def test_closing_does_not_wait_for_images_to_be_answered(make_worker: MakeWorker, tmp_path: Path) -> None:
    worker = make_worker("thinks")
    said: list[TLStudioError] = []

    def ask() -> None:
        with pytest.raises(TLStudioError) as refusal:
            worker.predict(tmp_path, ENVIRONMENT, ("/a.png",))
        said.append(refusal.value)

    asking = threading.Thread(target=ask)
    asking.start()
    while not (tmp_path / "asked.txt").exists():
        time.sleep(0.01)
    worker.close()
    asking.join(20)
    assert not asking.is_alive()
    assert "the window was closed" in str(said[0])
    worker.start()
    assert not worker.wait_until_ready(0.1), "no other child is started"


def test_closing_lets_the_child_end(make_worker: MakeWorker) -> None:
    worker = make_worker("well")
    worker.start()
    assert worker.wait_until_ready(20)
    worker.close()
    assert not worker.is_idle
