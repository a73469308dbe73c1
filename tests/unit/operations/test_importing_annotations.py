"""Boxes in a project: they come in, stay through undo, backup and another import, and leave as they came."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeImages
from tests.costs import num_lines
from tests.real_jobs import tlstudio, tlstudio_json
from tlstudio.errors import TLStudioError
from tlstudio.operations import edits
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def annotate(source: Path, *boxes: tuple[str, str, tuple[float, float, float, float]], crowd: int = 0) -> Path:
    """A COCO file over all images of `source`: file name, class and box."""
    names = sorted(file.relative_to(source).as_posix() for file in source.rglob("*.png"))
    classes = sorted({name for _, name, _ in boxes})
    document: dict[str, Any] = {
        "images": [{"id": number, "file_name": name} for number, name in enumerate(names)],
        "categories": [{"id": number, "name": name} for number, name in enumerate(classes)],
        "annotations": [
            {"id": number, "image_id": names.index(file), "category_id": classes.index(name), "bbox": box, "iscrowd": crowd}
            for number, (file, name, box) in enumerate(boxes)
        ],
    }
    file = source / "annotations.json"
    file.write_text(json.dumps(document))
    return file


def seen(project: Project) -> dict[str, list[tuple[str, float, float]]]:
    """Class, x and width of what is seen, by the image's name."""
    names = {sample.id: sample.name for sample in project.dataset().samples}
    return {names[id]: [(item.class_name, item.shape.x, item.shape.width) for item in items] for id, items in project.regions.of().items()}


A, B = "plate/plate_000.png", "plate/plate_001.png"


def test_boxes_are_in_and_one_class_is_the_label(project: Project, make_images: MakeImages) -> None:
    source = make_images({"plate": 3})
    annotate(source, (A, "ant", (1, 1, 5, 5)), (A, "ant", (2, 2, 900, 5)), (B, "ant", (1, 1, 5, 5)), (B, "bee", (1, 1, 5, 5)))
    outcome = import_data(project, source)
    dataset = project.dataset()
    width = dataset.samples[0].width_px
    assert seen(project) == {"plate_000.png": [("ant", 1, 5), ("ant", 2, width - 2)], "plate_001.png": [("ant", 1, 5), ("bee", 1, 5)]}
    names = {item.id: item.name for item in dataset.classes}
    assert [names.get(sample.class_id or "") for sample in dataset.samples] == ["ant", None, None]
    assert [item.text() for item in outcome.remarks] == ["1 image shows several classes; it has boxes but no single label."]
    assert [(item.path, item.row, item.reason.id) for item in outcome.table_problems] == [("annotations.json", 2, "seen.cut")]
    assert outcome.change.words is not None
    assert outcome.change.words.text() == "3 images are in; problems in the labels: 1"


def test_another_import_takes_the_place_of_the_first(project: Project, make_images: MakeImages) -> None:
    source = make_images({"plate": 2})
    annotate(source, (A, "ant", (1, 1, 5, 5)), (B, "bee", (1, 1, 5, 5)))
    import_data(project, source)
    before = seen(project)
    assert import_data(project, source).num_known == 2
    assert seen(project) == before
    annotate(source, (A, "ant", (3, 1, 6, 5)), (A, "wasp", (1, 1, 2, 2)))
    outcome = import_data(project, source)
    assert (outcome.num_updated, outcome.num_known) == (2, 0)
    assert seen(project) == {"plate_000.png": [("ant", 3, 6), ("wasp", 1, 2)]}
    assert [item.name for item in project.dataset().classes] == ["ant", "bee", "wasp"]


def test_annotations_that_come_later_give_known_images_their_labels(project: Project, make_images: MakeImages) -> None:
    source = make_images({"": 2})
    import_data(project, source)
    assert project.dataset().num_by_class[None] == 2
    names = sorted(file.name for file in source.glob("*.png"))
    annotate(source, *((name, "ant", (1, 1, 5, 5)) for name in names))
    import_data(project, source)
    dataset = project.dataset()
    assert dataset.num_by_class[dataset.classes[0].id] == 2
    assert all(sample.split is not None for sample in dataset.samples)


def test_boxes_stay_through_edits_undo_and_a_restored_backup(project: Project, make_images: MakeImages) -> None:
    source = make_images({"plate": 2})
    annotate(source, (A, "ant", (1, 1, 5, 5)), (B, "bee", (1, 1, 5, 5)), crowd=1)
    import_data(project, source)
    before = project.regions.of()
    samples = project.dataset().samples
    ant, bee = (item.id for item in project.dataset().classes)
    edits.set_class(project, [samples[0].id], bee)
    edits.set_aside(project, [samples[1].id])
    assert project.regions.of() == before
    with pytest.raises(TLStudioError, match="ant still has 1 images"):
        edits.remove_class(project, ant)
    edits.rename_class(project, ant, "red ant")
    assert seen(project)["plate_000.png"] == [("red ant", 1, 5)]
    for _ in range(3):
        project.undo()
    assert project.regions.of() == before
    assert next(iter(before.values()))[0].shape.extra == {"iscrowd": 1}
    project.close()
    backup = max((project.folder / "backups").glob("*.sqlite"))
    shutil.copy(backup, project.folder / "project.sqlite")
    restored = Project.open(project.folder)
    assert restored.regions.of() == before
    restored.close()


def test_an_import_of_folders_leaves_boxes_alone(project: Project, make_images: MakeImages) -> None:
    source = make_images({"ants": 2, "bees": 2})
    file = annotate(source, ("ants/ants_000.png", "ants", (1, 1, 5, 5)), ("bees/bees_000.png", "bees", (1, 1, 5, 5)))
    import_data(project, source)
    file.unlink()
    import_data(project, source)
    assert set(seen(project)) == {"ants_000.png", "bees_000.png"}


def test_thousands_of_boxes_cost_some_lines_of_python_each(project: Project, make_images: MakeImages) -> None:
    """So 20,000 take seconds."""
    source = make_images({"plate": 20})
    annotate(source, *((f"plate/plate_{number % 20:03d}.png", "ant", (1, 1, 5, 5)) for number in range(4000)))
    import_data(project, source)
    assert num_lines(lambda: import_data(project, source)) < 200 * 4000
    assert sum(map(len, project.regions.of().values())) == 4000


def test_the_terminal_tells_what_a_format_loses(tmp_path: Path, home: Path, make_images: MakeImages) -> None:
    source = make_images({"plate": 2})
    annotate(source, (A, "ant", (1, 1, 5, 5)), (B, "bee", (1, 1, 5, 5)), crowd=1)
    tlstudio("new", tmp_path / "P", home=home)
    answer = tlstudio_json("import", tmp_path / "P", source, home=home)
    assert (answer["format_id"], answer["images_by_class"], answer["remarks"]) == ("coco", {"ant": 1, "bee": 1}, [])
    told = tlstudio("labels", tmp_path / "P", "--format", "yolo", "--out", tmp_path / "out", home=home).stdout
    assert told == (
        f"Wrote 2 images to {tmp_path / 'out'}\nWhat is known of single objects besides (difficult, crowd …) is not in it: 2 objects.\n"
    )
    assert tlstudio_json("labels", tmp_path / "P", "--format", "coco", "--out", tmp_path / "coco", home=home)["losses"] == []
