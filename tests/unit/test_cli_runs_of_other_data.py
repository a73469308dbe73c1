"""`tlstudio runs` says which figures are of other validation images or labels, as the table of Train does."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded import make_project
from tests.replayed_job import finished_run
from tlstudio.cli.main import main
from tlstudio.domain.commands import SetClasses
from tlstudio.domain.splits import Split


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run, then a label of a validation image was mended, then two more."""
    folder = tmp_path / "Insects"
    with closing(make_project(folder)) as project:
        finished_run(project, 1, "balanced")
        dataset = project.dataset()
        sample = next(item for item in dataset.ready if item.split is Split.VAL)
        other = next(item.id for item in dataset.classes if item.id != sample.class_id)
        project.apply(SetClasses(class_by_sample={sample.id: other}))
        finished_run(project, 2, "quick")
        finished_run(project, 3, "quick")
    return folder


def test_runs_that_were_judged_on_other_data_are_marked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ["other data" in line for line in lines[1:4]] == [True, False, False]
    assert lines[-1].startswith("other data: judged on other validation images or other labels than run 3")


def test_a_script_reads_which(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", str(folder), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["best"], answer["other_data"]) == (2, [1])


def test_where_none_differs_nothing_is_said_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", str(folder), "--run", "2"]) == 0
    assert "other data" not in capsys.readouterr().out
