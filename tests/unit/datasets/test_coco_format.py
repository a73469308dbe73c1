"""A folder with COCO's JSON: chosen by itself, its splits by the files' names, each bad entry told by itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.costs import num_lines
from tlstudio.datasets import rle
from tlstudio.datasets.scan import Scan, scan
from tlstudio.domain.regions import BOX, MASK, POLYGON
from tlstudio.domain.splits import Split

CATEGORIES = [{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}]


def put(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")


def document(images: list[Any], annotations: list[Any], categories: list[Any] = CATEGORIES) -> dict[str, Any]:
    return {"info": {"year": 2024}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def image(id: int | str, name: str) -> dict[str, Any]:
    return {"id": id, "file_name": name, "width": 100, "height": 80}


def write(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")


def told(found: Scan) -> dict[tuple[str, int | None], str]:
    return {(item.path, item.row): item.reason.id for item in found.skipped if item.row is not None}


def test_boxes_outlines_and_masks(tmp_path: Path) -> None:
    put(tmp_path, "images/a.jpg", "images/b.jpg")
    counts = rle.pack([0, 5, 7995])
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1.5, 2, 3, 4], "iscrowd": 0, "area": 12, "score": 0.5},
        {"id": 2, "image_id": 1, "category_id": 7, "bbox": [0, 0, 9, 9], "segmentation": [[0, 0, 9, 0, 9, 9]], "area": 40.5},
        {"id": 3, "image_id": 1, "category_id": 7, "segmentation": {"size": [80, 100], "counts": counts}, "iscrowd": 1},
        {"id": 4, "image_id": 1, "category_id": 7, "bbox": [0, 0, 1, 5], "segmentation": {"size": [80, 100], "counts": [0, 5, 7995]}},
        {"id": 5, "image_id": 2, "category_id": 9},
    ]
    write(tmp_path / "annotations" / "all.json", document([image(1, "a.jpg"), image(2, "b.jpg")], annotations))
    found = scan(tmp_path)
    assert (found.format_id, found.given_splits, found.skipped) == ("coco", False, [])
    assert [item.class_name for item in found.files] == ["cat", "dog"]
    seen = found.files[0].seen
    assert seen is not None
    box, polygon, mask, plain = (entry.region for entry in seen.entries)
    assert [item.kind for item in (box, polygon, mask, plain)] == [BOX, POLYGON, MASK, MASK]
    assert (box.shape.x, box.shape.width, box.shape.extra) == (1.5, 3, {"score": 0.5})
    assert polygon.shape.polygons == ((0, 0, 9, 0, 9, 9),)
    assert (mask.shape.counts, mask.shape.width, mask.shape.height, mask.shape.extra) == (counts, 1, 5, {"iscrowd": 1})
    assert plain.shape.counts == (0, 5, 7995)


def test_several_files_are_the_parts(tmp_path: Path) -> None:
    put(tmp_path, "train2017/1.jpg", "train2017/2.jpg", "val2017/1.jpg")
    seen = [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 1, 5, 5]}]
    write(tmp_path / "annotations/instances_train2017.json", document([image(1, "1.jpg"), image(2, "2.jpg")], seen))
    write(tmp_path / "annotations/instances_val2017.json", document([image(1, "1.jpg")], seen))
    write(tmp_path / "annotations/person_keypoints_val2017.json", document([image(1, "1.jpg")], seen))
    write(tmp_path / "annotations/captions_val2017.json", {"images": [], "annotations": []})
    found = scan(tmp_path)
    assert (found.format_id, found.given_splits) == ("coco", True)
    assert [(item.path, item.split) for item in found.files] == [
        ("train2017/1.jpg", Split.TRAIN),
        ("train2017/2.jpg", Split.TRAIN),
        ("val2017/1.jpg", Split.VAL),
    ]
    assert all(len(item.seen.entries) <= 1 for item in found.files if item.seen)
    assert told(found) == {("annotations/person_keypoints_val2017.json", 0): "coco.images_twice"}


def test_each_mistake_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.jpg")
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 1, 5, 5]},
        {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 1, 5, 5]},
        {"id": 3, "image_id": 1, "category_id": 8, "bbox": [1, 1, 5, 5]},
        {"id": 4, "image_id": 5, "category_id": 7, "bbox": [1, 1, 5, 5]},
        {"id": 5, "image_id": 1, "category_id": 7, "bbox": [1, 1, 5]},
        {"id": 6, "image_id": 1, "category_id": 7, "bbox": "all"},
        {"id": 7, "image_id": 1, "category_id": 7, "bbox": [1, 1, 5, 5], "segmentation": [[1, 2, 3]]},
        ["no object"],
        {"id": 9, "image_id": 1, "category_id": 7, "segmentation": {"size": [80, 100], "counts": "\u00e9"}},
    ]
    images = [image(1, "a.jpg"), image(1, "b.jpg"), image(3, "gone.jpg"), {"id": 4}, image(6, "a.jpg")]
    write(tmp_path / "coco.json", document(images, annotations, [*CATEGORIES, {"id": 7, "name": "again"}, {"id": 11, "name": " "}]))
    found = scan(tmp_path)
    problems = [(item.row, item.reason.id) for item in found.skipped if item.row is not None]
    assert problems == [
        (3, "coco.category_twice"),
        (4, "coco.no_name"),
        (2, "coco.image_twice"),
        (4, "coco.entry"),
        (2, "coco.twice"),
        (3, "coco.no_category"),
        (4, "coco.no_image"),
        (5, "coco.bbox"),
        (6, "coco.entry"),
        (7, "coco.outline"),
        (8, "coco.entry"),
        (9, "coco.entry"),
        (3, "named.missing"),
        (0, "coco.images_twice"),
    ]
    assert [len(item.seen.entries) if item.seen else None for item in found.files] == [2, None]


@pytest.mark.parametrize("name", ["../x.jpg", "/x.jpg", "c:/x.jpg", "..\\x.jpg", "sub/../../x.jpg"])
def test_no_file_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    put(tmp_path, "set/a.jpg", "x.jpg")
    write(tmp_path / "set/coco.json", document([image(1, "a.jpg"), image(2, name)], []))
    found = scan(tmp_path / "set")
    assert told(found) == {("coco.json", 2): "named.outside"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"images": [], "annotations": [], "categories": ' + "[" * 100_000, "coco.deep"),
        ('{"images": [], "annotations": [], "categories": {}}', "coco.malformed"),
        ('{"images": [], "annotations": [], "categories": [', "coco.malformed"),
        ('{"images": [], "annotations": [], "categories": [{"id": 1, "name": "\\ud800"}]}', "coco.malformed"),
    ],
)
def test_a_file_that_is_no_sound_json_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    put(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "bad.json").write_text(text)
    write(tmp_path / "coco.json", document([image(1, "a.jpg"), image(2, "b.jpg")], []))
    found = scan(tmp_path)
    assert found.format_id == "coco"
    assert told(found).get(("bad.json", 0)) == reason


def test_a_file_that_is_cut_off_is_told_and_the_images_are_read_without_it(tmp_path: Path) -> None:
    put(tmp_path, "images/a.jpg", "images/b.jpg")
    whole = json.dumps(document([image(1, "a.jpg")], []))
    (tmp_path / "coco.json").write_text(whole[:-20])
    found = scan(tmp_path)
    assert told(found) == {("coco.json", 0): "coco.malformed"}
    assert [item.class_name for item in found.files] == [None, None]


def test_masks_are_packed_as_coco_packs_them() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        mask = random.random((13, 17)) < random.random()
        runs = rle.runs_of(mask)
        assert rle.unpack(rle.pack(runs)) == runs
        assert rle.area(runs) == mask.sum()
        flat = np.concatenate([np.full(run, place % 2, bool) for place, run in enumerate(runs)])
        assert np.array_equal(mask, flat.reshape(17, 13).T)
    assert rle.pack([6, 1, 40, 4, 5, 4, 5, 4, 21]) == "61X13mN000`0"  # the example in COCO's own code


def test_an_annotation_costs_some_lines_of_python(tmp_path: Path) -> None:
    """So 20,000 take seconds, on a busy machine too."""
    names = [f"{number}.jpg" for number in range(200)]
    put(tmp_path, *names)
    images = [image(number, name) for number, name in enumerate(names)]
    outline = [[float(value) for value in range(40)]]
    annotations = [
        {"id": number, "image_id": number % 200, "category_id": 7, "bbox": [1, 1, 5, 5], "segmentation": outline, "area": 25}
        for number in range(2000)
    ]
    write(tmp_path / "coco.json", document(images, annotations))
    found: list[Scan] = []
    assert num_lines(lambda: found.append(scan(tmp_path))) < 200 * 2000
    assert sum(len(item.seen.entries) for item in found[0].files if item.seen) == 2000
