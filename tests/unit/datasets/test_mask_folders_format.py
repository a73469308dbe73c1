"""Masks that lie as images beside the images never become a class of their own."""

from pathlib import Path

from tlstudio.datasets.scan import scan
from tlstudio.domain.splits import Split


def lay(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_images_are_read_and_masks_are_left_out_with_a_word(tmp_path: Path) -> None:
    lay(tmp_path, "images/1.jpg", "images/2.jpg", "images/3.jpg", "masks/1.png", "masks/2.png")
    found = scan(tmp_path)
    assert (found.format_id, [item.path for item in found.files]) == ("mask_folders", ["images/1.jpg", "images/2.jpg", "images/3.jpg"])
    assert {item.class_name for item in found.files} == {None}
    assert [(item.path, item.reason.id) for item in found.skipped] == [("masks/1.png", "masks.mask"), ("masks/2.png", "masks.mask")]
    assert [item.text() for item in found.remarks] == ["Masks that lie as images beside the images were left out: 2."]


def test_parts_are_kept(tmp_path: Path) -> None:
    lay(tmp_path, *(f"{part}/{kind}/1.png" for part in ("train", "val") for kind in ("images", "labels")))
    found = scan(tmp_path)
    assert found.given_splits
    assert [(item.path, item.split) for item in found.files] == [("train/images/1.png", Split.TRAIN), ("val/images/1.png", Split.VAL)]


def test_folders_of_other_names_or_without_twins_stay_classes(tmp_path: Path) -> None:
    lay(tmp_path / "a", "images/1.jpg", "labels/2.png")
    assert scan(tmp_path / "a").format_id == "class_folders"
    lay(tmp_path / "b", "images/1.jpg", "labels/1.png", "cats/1.png")
    assert scan(tmp_path / "b").format_id == "class_folders"


def test_the_nuclei_are_images_without_classes(shared: Path) -> None:
    found = scan(shared / "data" / "nuclei_dsb2018")
    assert (found.format_id, len(found.files)) == ("mask_folders", 120)
