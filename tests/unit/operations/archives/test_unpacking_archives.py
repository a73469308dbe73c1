"""A packed project that is not as it was packed is refused, and where unpacking ends early nothing is left behind."""

import json
import os
import random
import shutil
import sqlite3
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.operations.archives.conftest import everything, files_of_at_most, left
from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.operations.archiving import archive_project
from tlstudio.operations.unarchiving import unarchive_project
from tlstudio.project.project import Project


def assert_refused(archive: Path, id: str, match: str | None = None) -> None:
    place = archive.parent
    before = left(place)
    with pytest.raises(TLStudioError, match=match) as error:
        unarchive_project(archive, place / "deep" / "Back")
    assert error.value.title.id == id
    assert "Nothing was" in error.value.hint.text()
    assert left(place) == before


def rewritten(archive: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    """A sound zip whose content somebody changed."""
    target = archive.with_name("forged.tlarchive")
    with zipfile.ZipFile(archive) as read, zipfile.ZipFile(target, "w") as written:
        for info in read.infolist():
            data = change(info.filename, read.read(info))
            if data is not None:
                written.writestr(info.filename, data)
        for name, data in more.items():
            written.writestr(name, data)
    archive.unlink()
    return target


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_half_a_file(packed: Path, share: float) -> None:
    data = packed.read_bytes()
    packed.write_bytes(data[: int(len(data) * share)])
    assert_refused(packed, "unpack.damaged", "Insects.tlarchive")


def test_flipped_bytes_are_refused_or_change_nothing(packed: Path, full_once: Path, tmp_path: Path) -> None:
    with closing(Project.open(full_once / "Insects", writable=False)) as project:
        expected = everything(project)
    data, chance = packed.read_bytes(), random.Random(7)
    num_refused = 0
    for _ in range(60):
        place = chance.randrange(len(data))
        packed.write_bytes(data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :])
        before = left(tmp_path)
        try:
            unarchive_project(packed, tmp_path / "Back")
        except TLStudioError:
            num_refused += 1
            assert left(tmp_path) == before
            continue
        with closing(Project.open(tmp_path / "Back", writable=False)) as back:
            assert everything(back) == expected
        shutil.rmtree(tmp_path / "Back")
    assert num_refused > 40


def test_a_file_that_is_not_the_one_that_was_packed(packed: Path) -> None:
    name = "images/Insects images/ants/ants_001.png"
    assert_refused(rewritten(packed, lambda entry, data: data[:-1] + b"x" if entry == name else data), "archive.damaged", name)


def test_a_file_that_is_missing_or_one_too_many(packed: Path, packed_once: Path) -> None:
    assert_refused(rewritten(packed, lambda entry, data: None if entry.endswith("ants_001.png") else data), "archive.damaged")
    shutil.copy(packed_once, packed)
    assert_refused(rewritten(packed, lambda _entry, data: data, extra=b"x"), "archive.damaged", "extra")


def test_no_archive_of_ours(packed: Path, tmp_path: Path) -> None:
    assert_refused(rewritten(packed, lambda entry, data: None if entry == "manifest.json" else data), "archive.not_one")
    (tmp_path / "text.tlarchive").write_text("no zip")
    assert_refused(tmp_path / "text.tlarchive", "unpack.damaged")
    assert_refused(tmp_path / "gone.tlarchive", "unpack.not_readable")


def test_one_from_a_newer_version(packed: Path) -> None:
    def newer(entry: str, data: bytes) -> bytes:
        return json.dumps({**json.loads(data), "format": 99}).encode() if entry == "manifest.json" else data

    assert_refused(rewritten(packed, newer), "archive.too_new", "format 99")


@pytest.mark.parametrize("path", ["../evil.png", "/evil.png", "C:\\evil.png", "a/../../evil.png"])
def test_paths_that_lead_out(packed: Path, path: str) -> None:
    def forged(entry: str, data: bytes) -> bytes:
        if entry != "manifest.json":
            return data
        manifest = json.loads(data)
        next(item for item in manifest["files"] if "path" in item)["path"] = path
        return json.dumps(manifest).encode()

    assert_refused(rewritten(packed, forged), "archive.refused")


@pytest.mark.parametrize("sql", ["UPDATE roots SET path = '/etc' WHERE id = 1", "UPDATE samples SET path = '../../x.png' WHERE id = 2"])
def test_a_database_that_leads_out(full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    honest = full.archive.copy_database

    def forged(file: Path, roots: dict[int, str]) -> None:
        honest(file, roots)
        with closing(sqlite3.connect(file)) as database:
            database.execute(sql)
            database.commit()

    monkeypatch.setattr(full.archive, "copy_database", forged)
    archive_project(full, tmp_path / "forged.tlarchive")
    assert_refused(tmp_path / "forged.tlarchive", "archive.refused")


def test_a_stop_leaves_nothing(packed: Path, tmp_path: Path) -> None:
    for at in ("unpack.doing", "archive.verifying"):
        stop, before = threading.Event(), left(tmp_path)

        def report(progress: Progress, at: str = at, stop: threading.Event = stop) -> None:
            if progress.what.id == at:
                stop.set()

        outcome = unarchive_project(packed, tmp_path / "Back", report=report, stop=stop)
        assert outcome.folder is None
        assert left(tmp_path) == before


def test_what_a_killed_program_left_there_is_swept_away(packed: Path, tmp_path: Path) -> None:
    old, new = (tmp_path / f".unpacking.{number}.tmp" for number in (1, 2))
    for left_behind in (old, new):
        (left_behind / "Insects").mkdir(parents=True)
    os.utime(old, (time.time() - 1e6, time.time() - 1e6))
    assert unarchive_project(packed, tmp_path / "Back").folder is not None
    assert (old.exists(), new.exists()) == (False, True)


def test_a_place_that_is_taken(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "Back").mkdir()
    assert unarchive_project(packed, tmp_path / "Back").folder == tmp_path / "Back"
    before = left(tmp_path)
    with pytest.raises(TLStudioError, match="already"):
        unarchive_project(packed, tmp_path / "Back")
    assert left(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are Unix")
def test_a_disk_that_fills_up_meanwhile(packed: Path, tmp_path: Path) -> None:
    with files_of_at_most(20_000):
        assert_refused(packed, "unpack.disk")
