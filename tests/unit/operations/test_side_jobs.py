"""What has been exported from a run is found again from the folders alone."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project, record_run, write_job, write_journal
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import CONTROL_FILE, Command, Control, ExportJob, PredictJob
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.operations import side_jobs
from tlstudio.operations.starting import EXPORT_OUTPUT
from tlstudio.project.project import Project

COMPARED = ev.Compared(split=Split.TEST, num_images=6, num_same=6, max_difference=0.0)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    record_run(project, 2)
    yield project
    project.close()


def export(project: Project, number: int, *, run: int, output: Path) -> Path:
    folder = project.folder / f"exports/{number:04d}"
    write_job(project, folder, ExportJob(run=f"runs/{run:04d}", format="onnx", output=EXPORT_OUTPUT), outputs={EXPORT_OUTPUT: str(output)})
    saved = ev.FileSaved(output=EXPORT_OUTPUT, num_bytes=9, hash="0")
    write_journal(folder, [ev.Started(attempt=1, pid=1), COMPARED, saved, ev.Finished()])
    return folder


def test_the_exports_of_a_run_are_listed_in_order_with_what_came_of_them(project: Project, tmp_path: Path) -> None:
    (tmp_path / "kept.onnx").write_bytes(b"model")
    export(project, 1, run=1, output=tmp_path / "gone.onnx")
    export(project, 2, run=2, output=tmp_path / "of another run.onnx")
    export(project, 3, run=1, output=tmp_path / "kept.onnx")
    found = side_jobs.list_exports(project, project.runs()[0])
    assert [(item.number, item.output.name, item.is_there) for item in found] == [(1, "gone.onnx", False), (3, "kept.onnx", True)]
    assert {item.format for item in found} == {"onnx"}
    assert [item.state.status for item in found] == [Status.FINISHED, Status.FINISHED]
    assert found[0].state.compared == COMPARED


def test_a_damaged_folder_costs_only_itself(project: Project, tmp_path: Path) -> None:
    export(project, 1, run=1, output=tmp_path / "one.onnx")
    (export(project, 2, run=1, output=tmp_path / "two.onnx") / "environment.json").write_bytes(b"{")
    write_job(project, project.folder / "exports/0003", PredictJob(run="runs/0001", source="source", output="csv"))
    (project.folder / "exports/0004").mkdir()
    assert [item.number for item in side_jobs.list_exports(project, project.runs()[0])] == [1]


def test_a_project_without_exports_has_none(project: Project) -> None:
    assert side_jobs.list_exports(project, project.runs()[0]) == []


def test_a_job_is_told_to_stop(project: Project, tmp_path: Path) -> None:
    folder = export(project, 1, run=1, output=tmp_path / "one.onnx")
    side_jobs.stop_job(folder)
    assert msgspec.json.decode((folder / CONTROL_FILE).read_bytes(), type=Control).command is Command.STOP


def test_a_job_whose_folder_is_gone_cannot_be_told_and_says_so(project: Project) -> None:
    with pytest.raises(TLStudioError, match="could not be told"):
        side_jobs.stop_job(project.folder / "exports/0099")
