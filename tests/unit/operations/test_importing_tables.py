"""Importing a folder with a table of labels: its classes, splits and groups are in, and what could not be used is told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.real_jobs import tlstudio, tlstudio_json
from tlstudio.domain.splits import Split
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def test_classes_splits_and_groups_are_in(project: Project, make_images: MakeImages) -> None:
    source = make_images({"plate": 4})
    rows = ("0,ant,train,p1", "1,bee,val,p1", "2,bee,test,p2")
    (source / "labels.csv").write_text("path,label,split,group\n" + "".join(f"plate/plate_00{row[0]}.png{row[1:]}\n" for row in rows))
    outcome = import_data(project, source)
    dataset = project.dataset()
    names = {item.id: item.name for item in dataset.classes}
    assert [(names.get(sample.class_id or ""), sample.split, sample.split_given, sample.group) for sample in dataset.samples] == [
        ("ant", Split.TRAIN, True, "p1"),
        ("bee", Split.VAL, True, "p1"),
        ("bee", Split.TEST, True, "p2"),
        (None, None, False, None),
    ]
    assert (outcome.format_id, outcome.given_splits, outcome.classes, outcome.num_skipped) == ("table", True, ("ant", "bee"), 0)
    assert dataset.plan.given


def test_copied_images_keep_their_words(project: Project, make_images: MakeImages) -> None:
    source = make_images({"plate": 2})
    (source / "labels.csv").write_text("path,label\nplate/plate_000.png,ant\nplate/plate_001.png,bee\n")
    import_data(project, source, copy=True)
    assert {item.name for item in project.dataset().classes} == {"ant", "bee"}
    assert all(sample.class_id is not None and sample.split is not None for sample in project.dataset().samples)


def test_the_terminal_tells_the_rows_that_could_not_be_used(tmp_path: Path, home: Path, make_images: MakeImages) -> None:
    source = make_images({"plate": 3})
    (source / "labels.csv").write_text("path;label\nplate/plate_000.png;ant\nplate/gone.png;ant\nplate/plate_001.png;\n")
    for name in ("one", "two"):
        tlstudio("new", tmp_path / name, home=home)
    answer = tlstudio_json("import", tmp_path / "one", source, home=home)
    assert (answer["num_added"], answer["num_skipped"], answer["num_unlabelled"]) == (3, 1, 2)
    assert answer["words"] == "3 images are in; problems in the labels: 1"
    assert answer["remarks"] == ["1 image waits for a label."]
    assert [(item["path"], item["id"], item["reason"]) for item in answer["skipped"]] == [
        ("labels.csv", "table.missing", "Row 3: there is no image plate/gone.png in the folder."),
    ]
    assert "change" not in json.dumps(answer)
    lines = tlstudio("import", tmp_path / "two", source, home=home).stdout.splitlines()
    assert lines[-1] == "Not used: labels.csv: Row 3: there is no image plate/gone.png in the folder."
