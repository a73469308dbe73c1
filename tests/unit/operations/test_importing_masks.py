"""Masks beside images become regions; one that cannot be used costs only itself and is told by file and reason."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import MakeImages
from tests.unit.operations.test_importing_archives import zipped
from tlstudio.datasets import rle
from tlstudio.domain.progress import Progress
from tlstudio.domain.regions import MASK, Region
from tlstudio.operations import masks as masks_of_import
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

SIZE = 64


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Cells")
    yield opened
    opened.close()


@pytest.fixture
def source(make_images: MakeImages) -> Path:
    """Four images; three have masks of one, two and three things."""
    folder = make_images({"images": 4}, name="cells")
    for number in range(3):
        put_mask(folder, number, things(number + 1))
    return folder


def things(number: int) -> np.ndarray:
    """uint16[SIZE, SIZE] with squares 1, 2, …"""
    values = np.zeros((SIZE, SIZE), np.uint16)
    for place in range(number):
        values[4:10, 4 + 12 * place : 12 + 12 * place] = place + 1
    return values


def put_mask(source: Path, number: int, values: np.ndarray) -> None:
    (source / "masks").mkdir(exist_ok=True)
    Image.fromarray(values).save(source / "masks" / f"images_{number:03d}.png")


def seen(project: Project) -> dict[str, tuple[Region, ...]]:
    names = {sample.id: sample.name for sample in project.dataset().samples}
    return {names[id]: items for id, items in project.regions.of().items()}


def pixels_of(region: Region) -> np.ndarray:
    assert isinstance(region.shape.counts, str)
    assert region.shape.size is not None
    runs = rle.unpack(region.shape.counts)
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(region.shape.size, order="F")


def test_each_number_is_a_thing_pixel_by_pixel(project: Project, source: Path) -> None:
    outcome = import_data(project, source)
    found = seen(project)
    assert {name: len(items) for name, items in found.items()} == {"images_000.png": 1, "images_001.png": 2, "images_002.png": 3}
    for number, items in enumerate(found.values(), 1):
        for value, item in enumerate(items, 1):
            assert (item.kind, item.class_name) == (MASK, "object")
            assert np.array_equal(pixels_of(item), things(number) == value)
            assert (item.shape.x, item.shape.y, item.shape.width, item.shape.height) == (4 + 12 * (value - 1), 4, 8, 6)
    assert [item.text() for item in outcome.remarks] == ["Masks: 3. Each of their values is one thing."]
    assert (outcome.num_added, outcome.table_problems) == (4, [])
    dataset = project.dataset()
    assert [sample.class_id is None for sample in dataset.samples] == [False, False, False, True]


def test_named_values_are_classes(project: Project, source: Path) -> None:
    (source / "classes.txt").write_text("root\nleaf\n")
    outcome = import_data(project, source)
    assert {name: [item.class_name for item in items] for name, items in seen(project).items()} == {
        "images_000.png": ["root"],
        "images_001.png": ["root", "leaf"],
        "images_002.png": ["root", "leaf"],
    }
    assert [item.id for item in outcome.remarks] == ["masks.classes", "masks.nameless", "seen.several_classes"]
    assert outcome.remarks[1].text() == "Values in the masks that have no name in the list of classes were left out: 3."
    dataset = project.dataset()
    assert [dataset.class_by_id[item.class_id].name for item in dataset.samples if item.class_id] == ["root"]


def test_binary_masks_are_one_thing_each(project: Project, source: Path) -> None:
    for number in range(3):
        put_mask(source, number, np.where(things(number + 1) > 0, 255, 0).astype(np.uint8))
    outcome = import_data(project, source)
    assert [len(items) for items in seen(project).values()] == [1, 1, 1]
    assert [item.id for item in outcome.remarks] == ["masks.binary"]


def test_one_file_for_each_thing(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    images = make_images({"images": 2})
    for number in range(2):
        folder = tmp_path / "stage" / str(number)
        (folder / "masks").mkdir(parents=True)
        (folder / "images").mkdir()
        (images / "images" / f"images_00{number}.png").rename(folder / "images" / f"{number}.png")
        for thing in range(number + 2):
            Image.fromarray(np.where(things(thing + 1) == thing + 1, 255, 0).astype(np.uint8)).save(folder / "masks" / f"{thing}.png")
    import_data(project, tmp_path / "stage")
    assert {name: len(items) for name, items in seen(project).items()} == {"0.png": 2, "1.png": 3}


def test_every_fault_is_told_by_file_and_reason_and_costs_only_itself(project: Project, source: Path) -> None:
    put_mask(source, 1, things(1)[:32])
    (source / "masks" / "images_002.png").write_bytes((source / "masks" / "images_002.png").read_bytes()[:60])
    put_mask(source, 7, things(2))
    outcome = import_data(project, source)
    assert {(item.path, item.row, item.reason.id) for item in outcome.table_problems} == {
        ("masks/images_001.png", 0, "seen.other_size"),
        ("masks/images_002.png", 0, "image.cut_short"),
        ("masks/images_007.png", 0, "masks.no_image"),
    }
    assert (outcome.num_added, outcome.num_set_aside, list(seen(project))) == (4, 0, ["images_000.png"])
    assert outcome.change.words is not None
    assert outcome.change.words.text() == "4 images are in; problems in the labels: 3"


def test_soft_edges_are_neither_things_nor_classes(project: Project, source: Path) -> None:
    for number in range(3):
        put_mask(source, number, np.random.default_rng(number).integers(0, 250, (SIZE, SIZE)).astype(np.uint8))
    outcome = import_data(project, source)
    assert [item.reason.id for item in outcome.table_problems] == ["masks.too_many_classes"] * 3
    assert (outcome.num_added, seen(project), outcome.remarks) == (4, {}, ())


def test_masks_that_change_or_come_later_take_the_place_of_what_was(project: Project, source: Path) -> None:
    import_data(project, source)
    assert import_data(project, source).num_known == 4
    put_mask(source, 3, things(4))
    outcome = import_data(project, source)
    assert (outcome.num_updated, outcome.num_known) == (1, 3)
    assert len(seen(project)["images_003.png"]) == 4
    assert all(sample.class_id for sample in project.dataset().samples)


def test_a_stop_among_the_masks_leaves_nothing(project: Project, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks_of_import, "_REPORT_EVERY", 1)
    stop = threading.Event()

    def report(progress: Progress) -> None:
        if progress.what.id == "masks.reading":
            stop.set()

    outcome = import_data(project, source, report=report, stop=stop)
    assert (outcome.was_stopped, project.dataset().samples, seen(project)) == (True, (), {})


def test_masks_in_an_archive(project: Project, source: Path, tmp_path: Path) -> None:
    import_data(project, zipped(source, tmp_path / "cells.zip"))
    assert sum(map(len, seen(project).values())) == 6
    assert not [item for item in (project.folder / "images").rglob("*") if "masks" in item.parts]


def test_the_nuclei(project: Project, shared: Path) -> None:
    outcome = import_data(project, shared / "data" / "nuclei_dsb2018")
    found = seen(project)
    assert (outcome.num_added, len(found), sum(map(len, found.values()))) == (120, 120, 3545)
    for name in sorted(found)[:10]:
        values = np.asarray(Image.open(shared / "data" / "nuclei_dsb2018" / "labels" / name))
        again = np.zeros_like(values)
        for value, item in enumerate(found[name], 1):
            again[pixels_of(item)] = value
        assert np.array_equal(again, values)
