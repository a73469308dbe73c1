"""A folder with a table of labels: chosen by itself, believed row by row, and what it cannot mean is told by row."""

import unicodedata
from pathlib import Path

import pytest

from tlstudio.datasets.scan import Scan, scan
from tlstudio.domain.splits import Split

FOUR = ("1.png", "2.png", "3.png", "4.png")


def lay(folder: Path, *images: str, table: str | bytes = "", name: str = "labels.csv") -> Path:
    for image in images:
        (folder / image).parent.mkdir(parents=True, exist_ok=True)
        (folder / image).write_bytes(b"not looked at by its content")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(table.encode() if isinstance(table, str) else table)
    return folder


def labels(found: Scan) -> dict[str, tuple[str | None, Split | None, str | None]]:
    return {file.path: (file.class_name, file.split, file.group) for file in found.files}


def told(found: Scan) -> list[tuple[int | None, str]]:
    return [(item.row, item.reason.id) for item in found.skipped]


def test_labels_splits_and_groups_come_from_the_table(tmp_path: Path) -> None:
    table = "File;Class;Split;Group\n1.png;bee;train;p1\n.\\2.png;ant;Validation;p1\n./sub/3.png;bee;TEST;\n"
    found = scan(lay(tmp_path, "1.png", "2.png", "sub/3.png", "sub/4.png", table=table))
    assert (found.format_id, found.given_splits, found.skipped) == ("table", True, [])
    assert labels(found) == {
        "1.png": ("bee", Split.TRAIN, "p1"),
        "2.png": ("ant", Split.VAL, "p1"),
        "sub/3.png": ("bee", Split.TEST, None),
        "sub/4.png": (None, None, None),
    }


def test_without_splits_the_program_divides(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, *FOUR, table="image,category\n1.png,bee\n2.png,ant\n"))
    assert (found.format_id, found.given_splits) == ("table", False)


def test_the_table_counts_more_than_folders_that_look_like_classes(tmp_path: Path) -> None:
    table = "path,label\nplate 1/1.png,bee\nplate 2/2.png,ant\n"
    assert {name for name, _, _ in labels(scan(lay(tmp_path, "plate 1/1.png", "plate 2/2.png", table=table))).values()} == {"bee", "ant"}
    split = scan(lay(tmp_path / "set", "train/a/1.png", "val/a/2.png", table="path,label\ntrain/a/1.png,b\nval/a/2.png,b\n"))
    assert {file.class_name for file in split.files} == {"b"}


def test_a_table_of_few_images_does_not_overrule_class_folders(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, "a/1.png", "a/2.png", "b/3.png", "b/4.png", table="path,label\na/1.png,doubtful\n"))
    assert found.format_id == "class_folders"
    assert [item.reason.id for item in found.skipped] == ["scan.not_an_image"]


def test_paths_are_relative_to_the_table(tmp_path: Path) -> None:
    table = "path,label\n../images/1.png,bee\nimages/2.png,bee\n"
    found = scan(lay(tmp_path, "set/images/1.png", "set/images/2.png", table=table, name="set/tables/labels.tsv"))
    assert labels(found) == {"set/images/1.png": ("bee", None, None), "set/images/2.png": (None, None, None)}
    assert told(found) == [(3, "table.missing")]


def test_absolute_paths_are_fine_below_the_folder_alone(tmp_path: Path) -> None:
    table = f"path,label\n{tmp_path}/set/1.png,bee\n{tmp_path}/2.png,ant\nC:\\3.png,ant\n../2.png,ant\nx/../../2.png,ant\n"
    lay(tmp_path, "2.png")
    found = scan(lay(tmp_path / "set", "1.png", table=table))
    assert labels(found) == {"1.png": ("bee", None, None)}
    assert told(found) == [(3, "table.outside"), (4, "table.outside"), (5, "table.outside"), (6, "table.outside")]


def test_every_row_that_cannot_be_used_is_told_by_its_number_and_the_rest_is_in(tmp_path: Path) -> None:
    table = (
        "path,label,split,group\n1.png,bee,train,\n2.png,bee,holdout,\n3.png,,train,p3\n4.png,bee,val,\n4.png,ant,val,\n"
        'gone.png,bee,train,\n../1.png,bee,,\n5.png,"bee\n6.png,bee,test,\n6.png,bee,test,\n\n7.png,bee,,,,x\n'
    )
    found = scan(lay(tmp_path, *FOUR, "5.png", "6.png", "7.png", table=table))
    assert told(found) == [
        (3, "table.split_word"),
        (6, "table.contradiction"),
        (7, "table.missing"),
        (8, "table.outside"),
        (9, "table.malformed"),
        (13, "table.malformed"),
    ]
    assert {item.path for item in found.skipped} == {"labels.csv"}
    assert all(f"Row {item.row} " in item.reason.text() or f"Row {item.row}:" in item.reason.text() for item in found.skipped)
    assert [item.text() for item in found.remarks] == ["1 image waits for a label."]
    nothing = (None, None, None)
    assert labels(found) == {
        "1.png": ("bee", Split.TRAIN, None),
        "2.png": nothing,
        "3.png": (None, Split.TRAIN, "p3"),
        "4.png": nothing,
        "5.png": nothing,
        "6.png": ("bee", Split.TEST, None),
        "7.png": nothing,
    }


def test_cp1252_and_names_in_decomposed_unicode(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, unicodedata.normalize("NFD", "Käfer.png"), table="file;class\r\nKäfer.png;Größe\r\n".encode("cp1252")))
    assert [file.class_name for file in found.files] == ["Größe"]


def test_two_tables_are_told_and_none_is_preferred(tmp_path: Path) -> None:
    lay(tmp_path, *FOUR, table="path,label\n1.png,bee\n")
    found = scan(lay(tmp_path, table="path,label\n1.png,ant\n", name="other.txt"))
    assert found.format_id == "table"
    assert labels(found) == dict.fromkeys(FOUR, (None, None, None))
    assert {(item.path, item.reason.id) for item in found.skipped} == {("labels.csv", "table.several"), ("other.txt", "table.several")}


def test_tables_of_something_else_change_nothing(tmp_path: Path) -> None:
    lay(tmp_path, "a/1.png", "b/2.png", table="file,sha256\na/1.png,ff\n", name="MANIFEST.csv")
    found = scan(lay(tmp_path, table="path,label\na/1.png,bee\nb/2.png,ant\n"))
    assert found.format_id == "table"
    assert [item.path for item in found.skipped] == ["MANIFEST.csv"]


def test_a_table_whose_paths_are_all_wrong_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    found = scan(lay(tmp_path, *FOUR, table="path,label\nimages/1.png,bee\n"))
    assert told(found) == [(2, "table.missing")]
    assert set(labels(found).values()) == {(None, None, None)}


def test_a_table_too_large_to_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlstudio.datasets.formats.table.MAX_TABLE_BYTES", 20)
    found = scan(lay(tmp_path, *FOUR, table="path,label\n1.png,bee\n2.png,ant\n"))
    assert [item.reason.id for item in found.skipped] == ["table.too_large"]


def test_a_note_beside_each_image_is_not_a_table_of_labels(tmp_path: Path) -> None:
    for number in range(40):
        lay(tmp_path, f"{number}.png", table="a disc near the edge\n", name=f"{number}.txt")
    assert scan(tmp_path).format_id == "flat"
    found = scan(lay(tmp_path, table="path,label\n" + "".join(f"{number}.png,bee\n" for number in range(40))))
    assert {file.class_name for file in found.files} == {"bee"}


def test_the_tables_of_real_sets_are_not_taken_for_labels(shared: Path) -> None:
    assert [scan(shared / "data" / name).format_id for name in ("hymenoptera", "flowers5")] == ["split_folders", "class_folders"]
