"""What a folder means: classes, splits, groups, and what is left out."""

from pathlib import Path

import pytest

from tlstudio.datasets.scan import Scan, scan
from tlstudio.domain.splits import Split


def lay(folder: Path, *paths: str) -> Path:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"not looked at by its content")
    return folder


def seen(found: Scan) -> list[tuple[str, str | None, Split | None, str | None]]:
    return [(file.path, file.class_name, file.split, file.group) for file in found.files]


def test_class_folders_with_groups_and_loose_images(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "bees/2.jpg", "bees/1.JPG", "ants/slide_03/a.png", "ants/day 1/plate 2/b.tif", "loose.png"))
    assert found.format_id == "class_folders"
    assert not found.given_splits
    assert seen(found) == [
        ("ants/day 1/plate 2/b.tif", "ants", None, "day 1/plate 2"),
        ("ants/slide_03/a.png", "ants", None, "slide_03"),
        ("bees/1.JPG", "bees", None, None),
        ("bees/2.jpg", "bees", None, None),
        ("loose.png", None, None, None),
    ]


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Train", "valid", "TEST"), ("training", "validation", "testing")])
def test_given_splits(tmp_path: Path, names: tuple[str, str, str]) -> None:
    train, val, test = names
    found = scan(
        lay(tmp_path, f"{train}/a/s1/1.png", f"{train}/b/2.png", f"{val}/a/3.png", f"{test}/b/4.png", f"{test}/5.png", "more/6.png")
    )
    assert found.format_id == "split_folders"
    assert found.given_splits
    assert {(path.split("/")[-1], class_name, split, group) for path, class_name, split, group in seen(found)} == {
        ("1.png", "a", Split.TRAIN, "s1"),
        ("2.png", "b", Split.TRAIN, None),
        ("3.png", "a", Split.VAL, None),
        ("4.png", "b", Split.TEST, None),
        ("5.png", None, None, None),
        ("6.png", None, None, None),
    }


def test_a_test_folder_without_classes_does_not_become_a_class(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "train/a/1.png", "train/b/2.png", "test/3.png"))
    assert found.format_id == "split_folders"
    assert {file.class_name for file in found.files} == {"a", "b", None}


def test_a_class_called_test_is_a_class(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "test/1.png", "control/2.png"))
    assert {file.class_name for file in found.files} == {"test", "control"}


def test_flat_folder_has_no_classes(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "1.png", "2.png"))
    assert found.format_id == "flat"
    assert [file.class_name for file in found.files] == [None, None]


def test_the_folder_of_an_unpacked_archive_is_no_class(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "flowers/data/rose/1.png", "flowers/data/tulip/2.png"))
    assert [(file.path, file.class_name) for file in found.files] == [
        ("flowers/data/rose/1.png", "rose"),
        ("flowers/data/tulip/2.png", "tulip"),
    ]
    split = scan(lay(tmp_path / "other", "set/train/rose/1.png", "set/val/rose/2.png"))
    assert [(file.class_name, file.split) for file in split.files] == [("rose", Split.TRAIN), ("rose", Split.VAL)]


def test_one_class_folder_stays_a_class(tmp_path: Path) -> None:
    assert [file.class_name for file in scan(lay(tmp_path, "rose/1.png", "rose/2.png")).files] == ["rose", "rose"]


def test_everything_else_is_left_out_and_counted(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.png", "a/.hidden.png", "a/Thumbs.db", "a/.DS_Store", "a/notes.txt", "a/table.csv", ".git/x.png", "__MACOSX/a/1.png")
    (tmp_path / "a" / "no suffix").write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    lay(tmp_path, "a/photo.nef")
    found = scan(tmp_path)
    assert [file.path for file in found.files] == ["a/1.png", "a/no suffix"]
    reasons = {item.path: item.reason.id for item in found.skipped}
    assert reasons == {
        "a/.hidden.png": "scan.hidden",
        "a/Thumbs.db": "scan.hidden",
        "a/.DS_Store": "scan.hidden",
        "a/notes.txt": "scan.not_an_image",
        "a/table.csv": "scan.not_an_image",
        "a/photo.nef": "scan.raw",
        ".git": "scan.hidden",
        "__MACOSX": "scan.hidden",
    }


def test_a_project_inside_the_data_is_not_data(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.png", "My project/My project.tlstudio", "My project/images/x.png")
    found = scan(tmp_path)
    assert [file.path for file in found.files] == ["a/1.png"]
    assert [item.reason.id for item in found.skipped] == ["scan.project"]


def test_one_image_alone(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "1.png", "2.png") / "2.png")
    assert found.source == tmp_path
    assert [file.path for file in found.files] == ["2.png"]


def test_real_layouts(shared: Path) -> None:
    hymenoptera = scan(shared / "data" / "hymenoptera")
    assert {split: sum(file.split is split for file in hymenoptera.files) for split in Split} == {
        Split.TRAIN: 243,
        Split.VAL: 153,
        Split.TEST: 0,
    }
    assert {file.class_name for file in hymenoptera.files} == {"ants", "bees"}
    assert len(scan(shared / "data" / "flowers5").files) == 1000
