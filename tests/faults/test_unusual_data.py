"""F25, F28: data sets of unusual shape. Training is blocked or a warning says what to do; a huge table is read to its end."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlstudio.datasets.checks import run_checks
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Severity
from tlstudio.domain.samples import Class, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.errors import TLStudioError
from tlstudio.operations import health, splitting
from tlstudio.operations.importing import import_data
from tlstudio.operations.readiness import require_trainable
from tlstudio.project.project import Project

NUM_CLASSES = 5_000
NUM_ROWS = 200_000


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def picture(folder: Path, name: str, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(folder / name)


def test_five_thousand_classes_of_one_image_come_in_and_are_warned_of(project: Project, tmp_path: Path) -> None:
    for number in range(NUM_CLASSES):
        picture(tmp_path / "files" / f"species {number:04d}", "1.png", number)
    report = import_data(project, tmp_path / "files")
    assert (report.num_added, report.num_set_aside) == (NUM_CLASSES, 0)
    assert len(project.dataset().classes) == NUM_CLASSES
    splitting.split(project)
    found = {finding.check: finding for finding in health.findings(project)}
    assert "tiny_classes" in found
    assert len(found["tiny_classes"].title.text()) < 120, "named are a few of them, not all"
    with pytest.raises(TLStudioError) as refused:
        require_trainable(project.dataset())
    assert refused.value.hint is not None


def test_one_image_against_ten_thousand_is_warned_of() -> None:
    samples = tuple(
        Sample(
            id=number,
            root=1,
            path=f"{number}.png",
            content_hash=f"{number:064x}",
            width_px=64,
            height_px=64,
            format="PNG",
            class_id="rare" if number == 0 else "common",
            state=SampleState.READY,
            split=Split.TRAIN if number % 5 else Split.VAL,
        )
        for number in range(10_001)
    )
    classes = tuple(Class(id=name, name=name, position=place) for place, name in enumerate(("common", "rare")))
    findings = run_checks(Dataset(samples=samples, classes=classes, roots=(), plan=SplitPlan()))
    told = {finding.check: finding for finding in findings if finding.severity is not Severity.TELLS}
    assert {"tiny_classes", "imbalance"} <= told.keys()
    assert all(finding.why.text() for finding in told.values())


def test_a_table_of_very_many_rows_tells_every_row_without_an_image(project: Project, tmp_path: Path) -> None:
    for number in range(6):
        picture(tmp_path / "files", f"{number}.png", number)
    rows = (f"{number}.png,{'ant' if number % 2 else 'bee'}" for number in range(NUM_ROWS))
    (tmp_path / "files" / "labels.csv").write_text("\n".join(["path,label", *rows]), encoding="utf-8")
    report = import_data(project, tmp_path / "files")
    assert report.num_added == 6
    assert report.classes == ("ant", "bee")
    assert report.num_skipped == NUM_ROWS - 6
    assert "line 8" in str(report.skipped[0].path) or "8" in report.skipped[0].reason.text()
