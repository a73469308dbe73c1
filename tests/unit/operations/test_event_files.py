"""A run's curves as event files: read back with TensorBoard's own reader, they are the numbers of the journal."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded import make_project
from tests.replayed_job import ReplayedJob, finished_run
from tlstudio.cli.main import main
from tlstudio.domain.events import BackboneUnfrozen, DeviceLooked, Resumed, StepTrained
from tlstudio.errors import TLStudioError
from tlstudio.operations import event_files
from tlstudio.operations.event_files import scalars_of, write_event_files
from tlstudio.operations.runs import list_runs
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with closing(make_project(tmp_path / "Insects", num_per_class=2, splits="tv")) as project:
        finished_run(project, 1, "balanced")
        finished_run(project, 2, "quick")
        yield project


def read(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Step and value of every point, by tag."""
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    (file,) = folder.iterdir()
    found: dict[str, list[tuple[int, float]]] = {}
    for data in RawEventFileLoader(str(file)).Load():
        event = Event.FromString(data)
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, pytest.approx(value.simple_value, rel=1e-6)))
    return found


def test_every_run_has_a_folder_with_its_numbers(project: Project, tmp_path: Path) -> None:
    written = write_event_files(project, list_runs(project), tmp_path / "logs")
    assert [file.parent.name for file in written] == ["run 1", "run 2"]
    tuned = read(tmp_path / "logs" / "run 1")
    assert len(tuned["head/loss"]) == 60
    assert len(tuned["loss/training"]) == 88
    assert tuned["loss/training"][-1][0] == 88
    assert (88, 0.9801) in tuned["validation/balanced_accuracy"]
    assert not any(tag.startswith("machine/") for tag in tuned), "what was not told is left out"
    assert set(read(tmp_path / "logs" / "run 2")) == {
        "head/loss", "loss/validation", "validation/accuracy", "validation/balanced_accuracy",
    }  # fmt: skip


def test_writing_again_replaces_what_was_there(project: Project, tmp_path: Path) -> None:
    for _ in range(2):
        write_event_files(project, list_runs(project), tmp_path / "logs")
    assert len(read(tmp_path / "logs" / "run 1")["loss/training"]) == 88


def test_points_that_were_taken_back_are_left_out_and_the_machine_is_told_over_time(project: Project) -> None:
    job = ReplayedJob(project, 3, "balanced")
    job.play(until=BackboneUnfrozen)
    for step in range(1, 7):
        job.write(StepTrained(step=step, epoch=0, loss=0.5, gradient_norm=float(step)))
    job.write(Resumed(attempt=2, from_step=4))
    job.write(StepTrained(step=5, epoch=0, loss=0.25, gradient_norm=50.0))
    job.write(DeviceLooked(seconds=61.6, processor=0.5, memory_bytes=1000))
    job.die()
    found = [(item.tag, item.step, item.value) for item in scalars_of(job.folder)]
    norms = [(step, value) for tag, step, value in found if tag == "training/gradient_norm"]
    assert norms == [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0), (5, 50.0)]
    assert ("machine/processor", 62, 0.5) in found
    assert ("machine/memory_bytes", 62, 1000.0) in found
    assert all(item.time > 0 for item in scalars_of(job.folder))


def test_the_terminal_writes_one_run_or_all(project: Project, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(project.folder)
    assert main(["runs", folder, "--tensorboard", str(tmp_path / "one"), "--run", "2"]) == 0
    assert [item.name for item in (tmp_path / "one").iterdir()] == ["run 2"]
    assert main(["runs", folder, "--tensorboard", str(tmp_path / "all")]) == 0
    assert sorted(item.name for item in (tmp_path / "all").iterdir()) == ["run 1", "run 2"]
    assert f"tensorboard --logdir {tmp_path / 'all'}" in capsys.readouterr().out


def test_without_the_extra_it_says_which_to_install(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(TLStudioError, match="not installed") as error:
        write_event_files(project, list_runs(project), tmp_path / "logs")
    assert "tlstudio[tensorboard]" in error.value.hint.text()
    assert not (tmp_path / "logs").exists()


def test_a_folder_that_cannot_be_written_is_said(project: Project, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(TLStudioError, match="could not be written"):
        write_event_files(project, list_runs(project), tmp_path / "logs")
