"""A folder of images whose names say the class: only where the pattern is clear, and the pattern is told."""

from pathlib import Path

import pytest

from tlstudio.datasets.scan import scan


def lay(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")


@pytest.mark.parametrize(
    ("names", "pattern", "classes"),
    [
        (("ant_001.jpg", "ant_002.jpg", "bee_1.png", "bee_2.png"), "{class}_{number}", {"ant", "bee"}),
        (("001-bee.png", "002-bee.png", "003-ant.png", "004-ant.png"), "{number}-{class}", {"ant", "bee"}),
        (("red ant (1).jpg", "red ant (2).jpg", "bee (1).jpg", "bee (2).jpg"), "{class} ({number})", {"red ant", "bee"}),
        (("golden_retriever_1.jpg", "golden_retriever_2.jpg", "pug_1.jpg", "pug_2.jpg"), "{class}_{number}", {"golden_retriever", "pug"}),
        (("Käfer 1.jpg", "Käfer 2.jpg", "蜂 1.jpg", "蜂 2.jpg"), "{class} {number}", {"Käfer", "蜂"}),
    ],
)
def test_a_clear_pattern_gives_the_classes_and_is_told(tmp_path: Path, names: tuple[str, ...], pattern: str, classes: set[str]) -> None:
    lay(tmp_path, *names)
    found = scan(tmp_path)
    assert (found.format_id, {item.class_name for item in found.files}) == ("file_names", classes)
    assert [item.text() for item in found.remarks] == [f"Classes from names: {pattern}. Classes: 2."]


@pytest.mark.parametrize(
    "names",
    [
        ("IMG_0001.jpg", "IMG_0002.jpg", "DSC_0003.jpg", "DSC_0004.jpg"),
        ("ant_1.jpg", "ant_2.jpg", "ant_3.jpg"),
        ("ant_1.jpg", "ant_2.jpg", "bee_1.jpg", "wasp_1.jpg"),
        ("ant_1.jpg", "ant_2.jpg", "bee-1.jpg", "bee-2.jpg"),
        ("2024-01-05.jpg", "2024-01-06.jpg", "2024-02-05.jpg"),
        ("cam1_001.jpg", "cam1_002.jpg", "cam2_001.jpg", "cam2_002.jpg"),
        ("ant001.jpg", "ant002.jpg", "bee001.jpg", "bee002.jpg"),
        ("a1f3.jpg", "b2c4.jpg", "9e8d.jpg"),
    ],
)
def test_names_that_may_mean_anything_give_no_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    lay(tmp_path, *names)
    found = scan(tmp_path)
    assert (found.format_id, found.remarks, {item.class_name for item in found.files}) == ("flat", [], {None})


def test_a_few_other_names_are_left_without_a_class(tmp_path: Path) -> None:
    lay(tmp_path, *(f"{name}_{number}.jpg" for name in ("ant", "bee") for number in range(20)), "overview.jpg")
    found = scan(tmp_path)
    assert [item.path for item in found.files if item.class_name is None] == ["overview.jpg"]


def test_folders_that_are_classes_come_first(tmp_path: Path) -> None:
    lay(tmp_path / "insects", "ant_1.jpg", "ant_2.jpg", "bee_1.jpg", "bee_2.jpg")
    assert {item.class_name for item in scan(tmp_path).files} == {"insects"}
    lay(tmp_path / "other" / "images", "ant_1.jpg", "ant_2.jpg", "bee_1.jpg", "bee_2.jpg")
    assert scan(tmp_path / "other").format_id == "file_names"


def test_photographs_without_classes_stay_so(shared: Path) -> None:
    assert scan(shared / "data" / "natural1000").format_id == "flat"
