"""Masks that lie as images beside the images find their image and never become a class of their own."""

from pathlib import Path

from tlstudio.datasets.scan import FoundFile, scan
from tlstudio.domain.splits import Split


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def masks(files: list[FoundFile]) -> dict[str, tuple[str, ...]]:
    return {item.path: item.masks.paths if item.masks else () for item in files}


def test_masks_are_found_by_the_name_of_their_image(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "images/1.jpg", "images/2.jpg", "images/3.jpg", "masks/1.png", "masks/2_mask.png", "masks/9.png"))
    assert found.format_id == "mask_folders"
    assert masks(found.files) == {"images/1.jpg": ("masks/1.png",), "images/2.jpg": ("masks/2_mask.png",), "images/3.jpg": ()}
    assert {item.class_name for item in found.files} == {None}
    assert [(item.path, item.row, item.reason.id) for item in found.skipped] == [("masks/9.png", 0, "masks.no_image")]


def test_one_folder_an_image_with_one_mask_a_thing(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "a/images/a.png", "a/masks/x.png", "a/masks/y.png", "b/images/b.png", "b/masks/z.png"))
    assert masks(found.files) == {"a/images/a.png": ("a/masks/x.png", "a/masks/y.png"), "b/images/b.png": ("b/masks/z.png",)}


def test_parts_are_kept(tmp_path: Path) -> None:
    lay(tmp_path, *(f"{part}/{kind}/{number}.png" for part in ("train", "val") for kind in ("images", "labels") for number in (1, 2)))
    found = scan(tmp_path)
    assert found.given_splits
    assert {(item.path, item.split) for item in found.files} >= {("train/images/1.png", Split.TRAIN), ("val/images/2.png", Split.VAL)}
    assert masks(found.files)["val/images/2.png"] == ("val/labels/2.png",)


def test_names_of_the_values(tmp_path: Path) -> None:
    lay(tmp_path, "images/1.png", "masks/1.png")
    (tmp_path / "classes.txt").write_text("_background_\nroot\nleaf\n")
    (file,) = scan(tmp_path).files
    assert file.masks is not None
    assert file.masks.names == {1: "root", 2: "leaf"}
    (tmp_path / "classes.txt").write_text("\ufeffroot\n\nleaf\n")
    (file,) = scan(tmp_path).files
    assert file.masks is not None
    assert file.masks.names == {1: "root", 2: "leaf"}


def test_folders_of_other_names_or_without_twins_stay_classes(tmp_path: Path) -> None:
    assert scan(lay(tmp_path / "a", "images/1.jpg", "labels/2.png")).format_id == "class_folders"
    assert scan(lay(tmp_path / "b", "images/1.jpg", "labels/1.png", "cats/1.png")).format_id == "class_folders"


def test_the_nuclei_all_have_a_mask(shared: Path) -> None:
    found = scan(shared / "data" / "nuclei_dsb2018")
    assert (found.format_id, len(found.files)) == ("mask_folders", 120)
    assert all(item.masks is not None and len(item.masks.paths) == 1 for item in found.files)
