"""The thumbnail file: many readers, one writer, and no damage that matters."""

import threading
from pathlib import Path

import pytest

from tlstudio.datasets.thumbnails import ThumbnailStore


def test_put_and_get_survive_closing(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "a.sqlite"
    with ThumbnailStore(file) as store:
        store.put({"one": b"1", "two": b"2"})
        store.put({})
        store.put({"two": b"22"})
    with ThumbnailStore(file) as store:
        assert (store.get("one"), store.get("two"), store.get("three")) == (b"1", b"22", None)
        assert store.missing(["three", "one"]) == ["three"]
    assert store.get("one") is None  # closed: no error, nothing


@pytest.mark.parametrize("damage", ["start", "middle", "cut", "text"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "a.sqlite"
    with ThumbnailStore(file) as store:
        store.put({str(number): bytes(3000) for number in range(300)})
    data = bytearray(file.read_bytes())
    match damage:
        case "start":
            data[:100] = b"?" * 100
        case "middle":
            data[4096:] = b"?" * (len(data) - 4096)
        case "cut":
            data = data[:5000]
        case "text":
            data = bytearray(b"this is no database at all")
    file.write_bytes(data)
    with ThumbnailStore(file) as store:
        for number in range(300):
            store.get(str(number))
        store.put({"new": b"n"})
        store.put({"new": b"n"})
        assert store.get("new") == b"n"
    with ThumbnailStore(file) as store:
        assert store.get("new") == b"n"


def test_a_folder_that_cannot_be_made_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with ThumbnailStore(tmp_path / "a file" / "a.sqlite") as store:
        store.put({"one": b"1"})
        assert store.get("one") == b"1"


def test_reading_while_another_thread_writes(tmp_path: Path) -> None:
    with ThumbnailStore(tmp_path / "a.sqlite") as store:
        store.put({"first": b"1"})
        seen: list[bytes | None] = []
        threads = [threading.Thread(target=lambda: seen.extend(store.get("first") for _ in range(200))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(50):
            store.put({f"{number}-{item}": b"x" * 500 for item in range(20)})
        for thread in threads:
            thread.join()
        assert seen == [b"1"] * 800
        assert store.get("49-19") == b"x" * 500


def test_two_programs_share_one_file(tmp_path: Path) -> None:
    with ThumbnailStore(tmp_path / "a.sqlite") as one, ThumbnailStore(tmp_path / "a.sqlite") as other:
        one.put({"a": b"a"})
        other.put({"b": b"b"})
        assert (one.get("b"), other.get("a")) == (b"b", b"a")
