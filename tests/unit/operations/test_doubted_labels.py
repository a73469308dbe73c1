"""A finished run names the labels it cannot believe, until somebody has corrected them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded import make_project, record_run
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.operations.edits import set_aside, set_class
from tlstudio.operations.health import findings
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Ants, bees and wasps, forty each, twelve of them in validation."""
    opened = make_project(tmp_path / "Insects", num_per_class=40)
    yield opened
    opened.close()


def doubted(project: Project) -> Finding | None:
    return next((finding for finding in findings(project) if finding.check == "doubted_labels"), None)


def validation(project: Project) -> list[Sample]:
    return [sample for sample in project.dataset().samples if sample.split is Split.VAL]


def test_labels_the_best_run_speaks_against_are_told_until_they_are_corrected(project: Project) -> None:
    assert doubted(project) is None
    one, other = validation(project)[:2]
    test = next(sample for sample in project.dataset().samples if sample.split is Split.TEST)
    record_run(project, 1, wrong={sample.id: 1 for sample in (one, other, test)}, confidence=9.0)
    finding = doubted(project)
    assert finding is not None
    assert set(finding.samples) == {one.id, other.id}, "the test stays unopened"
    assert (finding.severity, finding.fix) == (Severity.TELLS, Fix.NONE)
    assert finding.title.text() == "Run 1 is sure of another class in 2 images"
    assert "(ants seen as bees)" in finding.why.text()
    assert project.num_openings() == 0
    set_class(project, [one.id], project.dataset().classes[1].id)
    set_aside(project, [other.id])
    assert doubted(project) is None
    project.undo()
    assert (finding := doubted(project)) is not None
    assert finding.samples == (other.id,)


def test_the_best_run_speaks_and_a_run_whose_answers_are_gone_is_silent(project: Project) -> None:
    one, other = validation(project)[:2]
    record_run(project, 1, wrong={one.id: 2}, confidence=9.0)
    record_run(project, 2, wrong={one.id: 2, other.id: 2}, confidence=9.0)
    finding = doubted(project)
    assert finding is not None
    assert (finding.title.text(), finding.samples) == ("Run 1 is sure of another class in 1 image", (one.id,))
    for file in (project.folder / "runs" / "0001" / "predictions").iterdir():
        file.unlink()
    assert doubted(project) is None
