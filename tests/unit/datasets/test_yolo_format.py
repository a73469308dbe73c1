"""A folder with YOLO's texts: chosen by itself, names and parts by data.yaml, each bad line told by itself."""

from pathlib import Path

import pytest

from tlstudio.datasets import yolo_yaml
from tlstudio.datasets.scan import Scan, scan
from tlstudio.datasets.seen import settle
from tlstudio.datasets.yolo_yaml import YoloData
from tlstudio.domain.regions import BOX, POLYGON
from tlstudio.domain.splits import Split


def put(folder: Path, **texts: str) -> None:
    """Images where the text is empty; "__" is a slash."""
    for name, text in texts.items():
        file = folder / name.replace("__", "/").replace("_txt", ".txt").replace("_jpg", ".jpg")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def told(found: Scan) -> dict[tuple[str, int | None], str]:
    return {(item.path, item.row): item.reason.id for item in found.skipped if item.row is not None}


def data(text: str) -> YoloData:
    read = yolo_yaml.parse(text)
    assert isinstance(read, YoloData), read.text()
    return read


def test_images_and_labels_side_by_side(tmp_path: Path) -> None:
    put(tmp_path, images__train__a_jpg="", images__train__b_jpg="", images__val__c_jpg="", images__val__d_jpg="")
    put(tmp_path, labels__train__a_txt="0 0.5 0.5 0.2 0.4\n", labels__train__b_txt="1 .1 .1 .9 .1 .5 .9\n0 .5 .5 .1 .1\n")
    put(tmp_path, labels__val__c_txt="1 0.5 0.5 1 1", labels__val__d_txt="")
    (tmp_path / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnc: 2\nnames: [cat, 'big dog']\n")
    found = scan(tmp_path)
    assert (found.format_id, found.given_splits, found.skipped) == ("yolo", True, [])
    assert [(item.class_name, item.split) for item in found.files] == [
        ("cat", Split.TRAIN),
        (None, Split.TRAIN),
        ("big dog", Split.VAL),
        (None, Split.VAL),
    ]
    first, second = found.files[0].seen, found.files[1].seen
    assert first is not None
    assert second is not None
    (box,), problems = settle(first, 100, 50)
    assert not problems
    assert (box.kind, box.shape.x, box.shape.y, box.shape.width, box.shape.height) == (BOX, 40, pytest.approx(15), 20, 20)
    (polygon, _), _ = settle(second, 100, 50)
    assert polygon.kind == POLYGON
    assert polygon.shape.polygons == (pytest.approx((10, 5, 90, 5, 50, 45)),)


def test_the_layout_of_roboflow(tmp_path: Path) -> None:
    put(
        tmp_path,
        train__images__a_jpg="",
        valid__images__b_jpg="",
        train__labels__a_txt="0 .5 .5 .1 .1",
        valid__labels__b_txt="0 .5 .5 .1 .1",
    )
    (tmp_path / "data.yaml").write_text(
        "train: ../train/images\nval: ../valid/images\n\nnc: 1\nnames: ['cat']\n\nroboflow:\n  workspace: w\n  version: 1\n  url: https://x.y/z\n"
    )
    found = scan(tmp_path)
    assert [(item.class_name, item.split) for item in found.files] == [("cat", Split.TRAIN), ("cat", Split.VAL)]
    assert told(found) == {("data.yaml", 1): "yolo.outside", ("data.yaml", 2): "yolo.outside"}


def test_texts_beside_the_images_and_a_list_of_names(tmp_path: Path) -> None:
    put(tmp_path, a_jpg="", b_jpg="", a_txt="1 .5 .5 .1 .1", b_txt="0 .5 .5 .1 .1", classes_txt="cat\ndog\n")
    found = scan(tmp_path)
    assert (found.format_id, [item.class_name for item in found.files], found.skipped) == ("yolo", ["dog", "cat"], [])


def test_classes_are_called_by_their_numbers_where_nothing_names_them(tmp_path: Path) -> None:
    put(tmp_path, a_jpg="", a_txt="3.0 .5 .5 .1 .1")
    found = scan(tmp_path)
    assert found.files[0].class_name == "3"
    assert [item.id for item in found.remarks] == ["yolo.no_names"]


def test_lists_of_images_are_parts(tmp_path: Path) -> None:
    put(tmp_path, set__a_jpg="", set__b_jpg="", set__a_txt="0 .5 .5 .1 .1", set__b_txt="0 .5 .5 .1 .1")
    put(tmp_path, train_txt="set/a.jpg\n/home/me/x.jpg\n", val_txt="./set/b.jpg\ngone.jpg\n")
    (tmp_path / "data.yaml").write_text("train: train.txt\nval: val.txt\nnames:\n  0: cat\n")
    found = scan(tmp_path)
    assert [item.split for item in found.files] == [Split.TRAIN, Split.VAL]
    assert told(found) == {("train.txt", 2): "named.outside", ("val.txt", 2): "named.missing"}


def test_each_mistake_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    lines = ("0 .5 .5 .1 .1", "7 .5 .5 .1 .1", "0 .5 .5 .1", "0 .5 .5 .1 x", "-1 .5 .5 .1 .1", "0 nan .5 .1 .1", "0 .5 .5 .1 .1 .9")
    put(tmp_path, images__a_jpg="", labels__a_txt="\n".join(lines), labels__lost_txt="0 .5 .5 .1 .1")
    (tmp_path / "data.yaml").write_text("names: [cat]\nspeed: fast\n")
    found = scan(tmp_path)
    assert told(found) == {
        ("data.yaml", 2): "yolo.key",
        ("labels/a.txt", 2): "yolo.no_class",
        ("labels/a.txt", 3): "yolo.count",
        ("labels/a.txt", 4): "yolo.line",
        ("labels/a.txt", 5): "yolo.line",
        ("labels/a.txt", 6): "yolo.line",
        ("labels/a.txt", 7): "yolo.count",
        ("labels/lost.txt", 0): "yolo.missing",
    }
    assert found.files[0].class_name == "cat"


def test_texts_that_say_something_else_are_not_labels(tmp_path: Path) -> None:
    put(tmp_path, cat__a_jpg="", dog__b_jpg="", cat__a_txt="a cat on a mat", dog__b_txt="a dog")
    assert scan(tmp_path).format_id == "class_folders"


class TestYaml:
    """The reader of data.yaml: what people write is read, everything else is refused with its line."""

    @pytest.mark.parametrize(
        "names",
        [
            'names: [a, \'b c\', "d\\"e"]',
            "names: ['a', 'b c', 'd\"e']  # three",
            "names:\n  - a\n  - b c\n  - 'd\"e'",
            'names:\n- a\n- "b c"\n- d"e',
            "names:\n  0: a\n  1: b c\n  2: 'd\"e'",
            "names: {0: a, 1: b c, 2: 'd\"e'}",
            "names: [\n  'a',   # first\n  'b c',\n  'd\"e',\n]",
        ],
    )
    def test_names_in_every_way(self, names: str) -> None:
        assert data(f"nc: 3\n{names}\ntrain: x\n").names == {0: "a", 1: "b c", 2: 'd"e'}

    def test_texts_keep_their_signs(self) -> None:
        assert data("names: ['it''s', \"\\u00e4\\n\", 'a, b', '#1', \"[x]\"]").names == {0: "it's", 1: "ä\n", 2: "a, b", 3: "#1", 4: "[x]"}

    def test_paths(self) -> None:
        read = data("path: ../data\ntrain:\n  - images/a\n  - images/b\nval: images/c\ntest:\nnames: [a]")
        assert (read.path, [(word, place) for word, place, _ in read.parts]) == (
            "../data",
            [("train", "images/a"), ("train", "images/b"), ("val", "images/c")],
        )

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("names: &a [x]", 1),
            ("nc: 1\nnames: *a", 2),
            ("names: !!python/object:os.system [x]", 1),
            ("names: |\n  x", 1),
            ("names: [[a]]", 1),
            ("names: [a", 1),
            ("names: 'a", 1),
            ('names: ["a\\q"]', 1),
            ("a: b: c\nnames: [x]", None),
            ("train: a: b", 1),
            ("nc: many", 1),
            ("names: [a]\nnames: [b]", 2),
            ("names:\n  0: a\n  0: b", 3),
            ("names: [a]\n---\nnames: [b]", 2),
            ("just words", 1),
            ("\tnames: [a]", 1),
            ("names:\n  a: b", 2),
        ],
    )
    def test_everything_else_is_refused(self, text: str, line: int | None) -> None:
        read = yolo_yaml.parse(text)
        if line is None:
            assert isinstance(read, YoloData)
            assert [reason.id for _, reason in read.problems] == ["yolo.key"]
        else:
            assert not isinstance(read, YoloData)
            assert read.arguments == {"row": line}
