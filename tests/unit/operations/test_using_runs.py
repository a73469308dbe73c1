"""Judging, predicting and exporting: what is refused, and what each job is told."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project, record_run
from tlstudio.domain.jobs import ENVIRONMENT_FILE, Environment, ExportJob, PredictJob
from tlstudio.domain.serving import Answers, ImageAnswer
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import numbers, output_path, read_job
from tlstudio.jobs.launch import StartedJob
from tlstudio.operations import exporting, predicting
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.project.project import Project


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(folder: Path, *, warm: object = None) -> StartedJob:
        return StartedJob(number=int(folder.name), folder=folder, process=None)  # type: ignore[arg-type]

    monkeypatch.setattr(predicting, "launch", launch)
    monkeypatch.setattr(exporting, "launch", launch)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One finished run."""
    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    yield project
    project.close()


def _environment(started: StartedJob) -> Environment:
    return msgspec.json.decode((started.folder / ENVIRONMENT_FILE).read_bytes(), type=Environment)


def test_looks_at_the_test_set_are_counted_and_others_are_not(project: Project) -> None:
    assert evaluate_run(project, 1).split is Split.TEST
    assert evaluate_run(project, "best", Split.TEST).num_openings == 2
    report = evaluate_run(project, 1, Split.VAL)
    assert (report.num_openings, report.used_for_selection) == (0, True)
    assert project.num_openings() == 2


def test_without_test_images_validation_judges(tmp_path: Path) -> None:
    project = make_project(tmp_path / "Two parts", splits="tttvv")
    try:
        record_run(project, 1)
        report = evaluate_run(project, 1)
        assert (report.split, report.used_for_selection) == (Split.VAL, True)
        with pytest.raises(TLStudioError, match="no answers to labelled test images"):
            evaluate_run(project, 1, Split.TEST)
        assert project.num_openings() == 0
    finally:
        project.close()


def test_a_look_that_cannot_be_counted_is_refused_naming_the_holder(project: Project) -> None:
    reader = Project.open(project.folder)
    try:
        with pytest.raises(TLStudioError, match=r"count cannot be stored now.*alone may change it.*--split val"):
            evaluate_run(reader, 1)
        assert evaluate_run(reader, 1, Split.VAL).run == 1
    finally:
        reader.close()


def test_a_folder_is_predicted_by_a_job_of_its_own(project: Project, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    started = predicting.predict_folder(project, "best", tmp_path / "new", tmp_path / "answers.csv")
    job = read_job(started.folder)
    assert started.folder == project.folder / "predictions" / "0001"
    assert isinstance(job, PredictJob)
    environment = _environment(started)
    assert job.run == "runs/0001"
    assert environment.roots[job.source] == str(tmp_path / "new")
    assert environment.outputs[job.output] == str(tmp_path / "answers.csv")
    assert predicting.predict_folder(project, 1, tmp_path / "new", tmp_path).number == 2


def test_an_export_is_a_job_of_its_own(project: Project, tmp_path: Path) -> None:
    started = exporting.export_run(project, 1, "onnx", tmp_path)
    job = read_job(started.folder)
    assert isinstance(job, ExportJob)
    assert (job.run, job.format) == ("runs/0001", "onnx")
    assert output_path(started.folder, job.output) == tmp_path / "Insects run 1.onnx"


def test_places_that_cannot_be_are_refused_before_anything_starts(project: Project, tmp_path: Path) -> None:
    with pytest.raises(TLStudioError, match="is not a folder"):
        predicting.predict_folder(project, 1, tmp_path / "nowhere", tmp_path / "a.csv")
    with pytest.raises(TLStudioError, match=r"does not exist.*Nothing was started"):
        predicting.predict_folder(project, 1, tmp_path, tmp_path / "nowhere" / "a.csv")
    with pytest.raises(TLStudioError, match="no export called gif"):
        exporting.export_run(project, 1, "gif", tmp_path / "a.gif")
    with pytest.raises(TLStudioError, match="no run 9"):
        exporting.export_run(project, 9, "onnx", tmp_path / "a.onnx")
    assert numbers(project.folder / "predictions") == []
    assert numbers(project.folder / "exports") == []


class _Warm:
    """Answers at once, and remembers what it was asked."""

    asked: tuple[Path, tuple[str, ...]]

    def predict(self, run_folder: Path, environment: Environment, files: tuple[str, ...]) -> Answers:
        self.asked = (run_folder, files)
        images = tuple(ImageAnswer(file=file, predicted=1, probabilities=(0.1, 0.9)) for file in files)
        return Answers(class_ids=("1", "2"), class_names=("ants", "bees"), images=images)


def test_single_images_go_to_the_warm_worker(project: Project, tmp_path: Path) -> None:
    warm = _Warm()
    answers = predicting.predict_images(project, 1, [tmp_path / "a.png"], warm)  # type: ignore[arg-type]
    assert warm.asked == (project.folder / "runs" / "0001", (str(tmp_path / "a.png"),))
    assert answers.class_names[answers.images[0].predicted or 0] == "bees"
