"""A folder with Pascal VOC: chosen by itself, read object by object, and what it cannot mean is told with file and number."""

from pathlib import Path

import pytest

from tlstudio.datasets.listing import FoundFile
from tlstudio.datasets.scan import Scan, scan
from tlstudio.datasets.seen import settle
from tlstudio.domain.splits import Split

OBJECT = (
    "<object><name>{name}</name><difficult>1</difficult><occluded>0</occluded>"
    "<bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>"
)


def put(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")


def annotate(file: Path, *objects: tuple[str, float, float, float, float], filename: str = "", size: tuple[int, int] = (100, 80)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    body = "".join(OBJECT.format(*corners, name=name) for name, *corners in objects)
    sides = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"
    file.write_text(f"<annotation><filename>{filename}</filename>{sides}{body}</annotation>", encoding="utf-8")


def of(found: Scan, path: str) -> FoundFile:
    return next(item for item in found.files if item.path == path)


def told(found: Scan) -> dict[tuple[str, int | None], str]:
    return {(item.path, item.row): item.reason.id for item in found.skipped if item.row is not None}


def test_xml_beside_the_images(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    annotate(tmp_path / "a.xml", ("cat", 10, 20, 30.5, 60), ("cat", 1, 1, 5, 5))
    annotate(tmp_path / "b.xml", ("cat", 10, 20, 30, 60), ("dog", 1, 1, 5, 5))
    found = scan(tmp_path)
    assert (found.format_id, found.given_splits, found.skipped) == ("voc", False, [])
    assert [item.class_name for item in found.files] == ["cat", None, None]
    assert [item.text() for item in found.remarks] == ["1 image shows several classes; it has boxes but no single label."]
    seen = of(found, "a.jpg").seen
    assert seen is not None
    shape = seen.entries[0].region.shape
    assert (shape.x, shape.y, shape.width, shape.height) == (10, 20, 20.5, 40)
    assert shape.extra == {"difficult": 1, "occluded": 0}
    assert of(found, "c.jpg").seen is None


def test_the_benchmark_s_own_folders_and_lists(tmp_path: Path) -> None:
    put(tmp_path, *(f"VOC/JPEGImages/{number}.jpg" for number in range(4)))
    for number in range(4):
        annotate(tmp_path / f"VOC/Annotations/{number}.xml", ("cat", 1, 1, 9, 9), filename="another name.jpg")
    lists = tmp_path / "VOC" / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("0\n1\n7\n")
    (lists / "val.txt").write_text("2\n")
    (lists / "test.txt").write_text("3\n")
    (lists / "trainval.txt").write_text("0\n1\n2\n")
    (lists / "cat_train.txt").write_text("0 1\n1 -1\n")
    found = scan(tmp_path)
    assert (found.format_id, found.given_splits) == ("voc", True)
    assert [item.split for item in found.files] == [Split.TRAIN, Split.TRAIN, Split.VAL, Split.TEST]
    assert told(found) == {("VOC/ImageSets/Main/train.txt", 3): "voc.list_missing"}


def test_the_folder_decides_where_several_classes_are_seen(tmp_path: Path) -> None:
    put(tmp_path, "cat/1.jpg", "dog/2.jpg")
    annotate(tmp_path / "annotations/1.xml", ("cat", 1, 1, 9, 9), ("dog", 1, 1, 9, 9))
    annotate(tmp_path / "annotations/2.xml", ("dog", 1, 1, 9, 9))
    assert [item.class_name for item in scan(tmp_path).files] == ["cat", "dog"]


def test_class_folders_with_a_stray_annotation_stay_class_folders(tmp_path: Path) -> None:
    put(tmp_path, *(f"{name}/{number}.jpg" for name in ("cat", "dog") for number in range(4)))
    annotate(tmp_path / "cat/1.xml", ("tail", 1, 1, 9, 9))
    assert scan(tmp_path).format_id == "class_folders"


def test_each_mistake_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    names = ("good", "unclosed", "nameless", "boxless", "twice")
    put(tmp_path, *(f"{name}.jpg" for name in names), "sub/twice2.jpg")
    annotate(tmp_path / "good.xml", ("cat", 1, 1, 9, 9))
    (tmp_path / "unclosed.xml").write_text("<annotation><object>")
    (tmp_path / "nameless.xml").write_text("<annotation><object><bndbox/></object></annotation>")
    (tmp_path / "boxless.xml").write_text(
        "<annotation><object><name>cat</name></object><object><name>cat</name><bndbox><xmin>one</xmin></bndbox></object>"
        "<object><name>cat</name><bndbox><xmin>nan</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>"
    )
    annotate(tmp_path / "twice.xml", ("cat", 1, 1, 9, 9))
    annotate(tmp_path / "elsewhere/other.xml", ("dog", 1, 1, 9, 9), filename="twice.jpg")
    annotate(tmp_path / "gone.xml", ("cat", 1, 1, 9, 9), filename="gone.jpg")
    (tmp_path / "note.xml").write_text("<settings/>")
    found = scan(tmp_path)
    assert told(found) == {
        ("unclosed.xml", 0): "voc.malformed",
        ("nameless.xml", 1): "voc.no_name",
        ("boxless.xml", 1): "voc.no_box",
        ("boxless.xml", 2): "voc.no_box",
        ("boxless.xml", 3): "voc.no_box",
        ("elsewhere/other.xml", 0): "voc.twice",
        ("gone.xml", 0): "voc.missing",
        ("note.xml", 0): "voc.other",
    }
    assert of(found, "twice.jpg").class_name == "cat"


@pytest.mark.parametrize("name", ["../x.jpg", "/etc/x.jpg", "C:\\x.jpg", "a/../../x.jpg"])
def test_no_file_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    put(tmp_path, "set/a.jpg", "set/b.jpg", "x.jpg")
    annotate(tmp_path / "set/a.xml", ("cat", 1, 1, 9, 9), filename=name)
    annotate(tmp_path / "set/b.xml", ("cat", 1, 1, 9, 9))
    found = scan(tmp_path / "set")
    assert told(found) == {("a.xml", 0): "voc.outside"}
    assert of(found, "a.jpg").class_name is None


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><annotation><filename>&x;</filename></annotation>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>',
        '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><annotation/>',
    ],
)
def test_entities_are_refused(tmp_path: Path, text: str) -> None:
    put(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "a.xml").write_text(text)
    annotate(tmp_path / "b.xml", ("cat", 1, 1, 9, 9))
    assert told(scan(tmp_path)) == {("a.xml", 0): "voc.entities"}


def test_boxes_are_cut_to_the_image_or_refused_with_a_word(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    annotate(tmp_path / "a.xml", ("in", 0, 0, 100, 80), ("over", 90, 70, 120, 100), ("out", 200, 10, 210, 20), ("flat", 5, 5, 5, 20))
    seen = scan(tmp_path).files[0].seen
    assert seen is not None
    kept, problems = settle(seen, 100, 80)
    assert [(item.class_name, item.shape.width, item.shape.height) for item in kept] == [("in", 100, 80), ("over", 10, 10)]
    assert [(row, reason.id) for row, reason in problems] == [(2, "seen.cut"), (3, "seen.outside"), (4, "seen.no_area")]


def test_nothing_is_guessed_where_file_and_image_disagree_in_size(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    annotate(tmp_path / "a.xml", ("cat", 1, 1, 9, 9), size=(200, 160))
    seen = scan(tmp_path).files[0].seen
    assert seen is not None
    kept, [(row, reason)] = settle(seen, 100, 80)
    assert (kept, row) == ((), 0)
    assert "200 × 160 px" in reason.text()
    assert "100 × 80 px" in reason.text()
