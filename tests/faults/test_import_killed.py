"""An import that is killed at any moment leaves a project that opens, and importing again completes it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tlstudio.domain.dataset import Dataset
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

MakeImages = Callable[..., Path]

IMPORT = """
import sys
from pathlib import Path
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
import_data(project, Path(sys.argv[2]), copy=sys.argv[3] == "copy", report=lambda progress: print(progress.done, flush=True))
"""


def named(dataset: Dataset) -> dict[str, object]:
    return {sample.name: sample.split for sample in dataset.samples}


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize(("how", "after"), [("link", 1), ("link", 100), ("link", 230), ("copy", 100)])
def test_kill_at_any_moment(tmp_path: Path, make_images: MakeImages, how: str, after: int) -> None:
    source = make_images({"a": 150, "b": 150}, size=16)
    Project.create(tmp_path / "Survey").close()
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(tmp_path / "Survey"), str(source), how], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    children: list[psutil.Process] = []
    for line in process.stdout:
        if line.strip().isdigit() and int(line) >= after:
            children = psutil.Process(process.pid).children()
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    _, left = psutil.wait_procs(children, timeout=30)
    assert not left, "decoders outlive their program"

    project = Project.open(tmp_path / "Survey")
    before = named(project.dataset())
    assert all(split is not None for split in before.values())
    outcome = import_data(project, source, copy=how == "copy")
    assert outcome.num_added == 300 - len(before)
    dataset = project.dataset()
    assert {name: split for name, split in named(dataset).items() if name in before} == before
    assert len(dataset.samples) == 300
    assert all(dataset.file_of(sample).is_file() for sample in dataset.samples)
    project.close()


def test_the_source_vanishes_while_it_is_read(tmp_path: Path, make_images: MakeImages) -> None:
    """F22: a share that goes away. What was read stays; the rest is set aside with the reason and read when it is back."""
    source = make_images({"a": 200, "b": 200}, size=16)
    project = Project.create(tmp_path / "Survey")
    moved = source.with_name("elsewhere")
    started = time.monotonic()

    def pull_the_plug(progress: object) -> None:
        if source.exists() and getattr(progress, "done", 0) >= 1:
            source.rename(moved)

    outcome = import_data(project, source, report=pull_the_plug)
    assert time.monotonic() - started < 30
    assert 0 < outcome.num_set_aside < 400
    assert {problem.reason.id for problem in outcome.problems} == {"image.missing"}
    moved.rename(source)
    again = import_data(project, source)
    assert (again.num_updated, again.num_set_aside) == (outcome.num_set_aside, 0)
    assert not project.dataset().set_aside
    project.close()
