"""A project goes into one file and comes out the same; a file that is not as it was packed is refused and leaves nothing behind."""

import json
import os
import random
import resource
import shutil
import sqlite3
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real_jobs import tlstudio, tlstudio_json
from tests.recorded import make_project, record_run
from tests.unit.operations.test_importing_annotations import annotate
from tests.unit.project.run_folders import at_work
from tlstudio import files
from tlstudio.domain.commands import SetGroups
from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.operations import archiving, edits
from tlstudio.operations.archiving import archive_project
from tlstudio.operations.archiving_refusals import ImagesUnreadableError
from tlstudio.operations.checking import check
from tlstudio.operations.importing import import_data
from tlstudio.operations.unarchiving import Unarchived, unarchive_project
from tlstudio.project.project import Project

NFD = "Ka\u0308fer"


@pytest.fixture(scope="module")
def full_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Linked images and copied ones, names that no zip carries, boxes, groups, notes, an image set aside, an edit undone, two runs."""
    place = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLSTUDIO_HOME", str(place / "home"))
        project = make_project(place / "Insects", num_per_class=10)
        more = place / "more" / "images"
        more.mkdir(parents=True)
        for number, name in enumerate(("plain.png", f"{NFD}.png", "back\\slash.png", "line\nend.png")):
            shutil.copy(place / "Insects images" / "ants" / f"ants_{number:03d}.png", more / name)
        annotate(more, ("plain.png", "ants", (1, 1, 5, 5)), ("plain.png", "bees", (2, 2, 5, 5)))
        import_data(project, more, copy=False)
        (place / "copied" / "wasps").mkdir(parents=True)
        shutil.copy(place / "Insects images" / "wasps" / "wasps_000.png", place / "copied" / "wasps" / "one.png")
        import_data(project, place / "copied", copy=True)
        samples = project.dataset().samples
        edits.set_note(project, [samples[0].id], "look again")
        project.apply(SetGroups(group_by_sample=dict.fromkeys([item.id for item in samples[:3]], "slide 1")))
        edits.set_aside(project, [samples[4].id])
        edits.set_note(project, [samples[1].id], "undone")
        project.undo()
        record_run(project, 1)
        record_run(project, 2)
        project.count_opening(run=1)
        project.close()
    return place


@pytest.fixture
def full(full_once: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of the project's folder; its linked images are those of the first."""
    opened = Project.open(shutil.copytree(full_once / "Insects", tmp_path / "Insects"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def packed_once(full_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("packed") / "Insects.tlarchive"
    with closing(Project.open(full_once / "Insects", writable=False)) as project:
        archive_project(project, file)
    return file


@pytest.fixture
def packed(packed_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(packed_once, tmp_path / "Insects.tlarchive"))


def everything(project: Project) -> dict[str, Any]:
    """All that a person could miss."""
    dataset = project.dataset()
    return {
        "samples": [
            (item.id, item.path, item.content_hash, item.state, item.reason, item.class_id, item.split, item.split_given)
            for item in dataset.samples
        ],
        "words": [(item.group, item.note) for item in dataset.samples],
        "bytes": [dataset.file_of(item).read_bytes() for item in dataset.samples],
        "classes": dataset.classes,
        "near": dataset.near_copies,
        "plan": dataset.plan,
        "regions": project.regions.of(),
        "runs": project.runs(),
        "run files": {
            item.relative_to(project.folder).as_posix(): item.read_bytes()
            for item in sorted((project.folder / "runs").rglob("*"))
            if item.is_file()
        },
        "settings": project.settings(),
        "openings": project.num_openings(),
        "undo": (project.undo_words, project.redo_words),
        "who": (project.id, project.name),
    }


def left(folder: Path) -> list[str]:
    return sorted(item.relative_to(folder).as_posix() for item in folder.rglob("*") if "home" not in item.relative_to(folder).parts)


def test_everything_comes_back(full: Project, tmp_path: Path) -> None:
    before = everything(full)
    outcome = archive_project(full, tmp_path)
    assert outcome.file == tmp_path / "Insects.tlarchive"
    assert (outcome.num_images, outcome.num_linked, outcome.num_runs, outcome.problems) == (35, 34, 2, ())
    assert everything(full) == before
    assert unarchive_project(tmp_path / "Insects.tlarchive", tmp_path / "elsewhere" / "Back") == Unarchived(
        folder=tmp_path / "elsewhere" / "Back"
    )
    with closing(Project.open(tmp_path / "elsewhere" / "Back")) as back:
        assert back.writable
        assert everything(back) == before
        assert all(Path(root.path).is_relative_to(back.folder) for root in back.dataset().roots)
        assert back.undo() is not None
    assert check(tmp_path / "elsewhere" / "Back") == check(full.folder)
    assert sorted(item.name for item in (tmp_path / "elsewhere").iterdir()) == ["Back"]


def test_it_opens_where_the_linked_images_never_were(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as file:
        roots = sorted({item.filename.split("/")[1] for item in file.infolist() if item.filename.startswith("images/")})
        assert file.testzip() is None
    assert roots == ["Insects images", "copied", "images"]
    unarchive_project(packed, tmp_path / "Back")
    with closing(Project.open(tmp_path / "Back", writable=False)) as back:
        assert {item.path for item in back.dataset().samples} >= {f"{NFD}.png", "back\\slash.png", "line\nend.png"}
        assert all(back.dataset().file_of(item).is_file() for item in back.dataset().samples)


def test_images_that_are_gone_or_changed_are_told(full: Project, tmp_path: Path) -> None:
    dataset = full.dataset()
    root = next(item for item in dataset.roots if item.copied)
    copied = next(dataset.file_of(item) for item in dataset.samples if item.root == root.id)
    copied.unlink()
    moved = shutil.copytree(next(Path(item.path) for item in dataset.roots if item.path.endswith("Insects images")), tmp_path / "moved")
    with closing(sqlite3.connect(full.folder / "project.sqlite")) as database:
        database.execute("UPDATE roots SET path = ? WHERE path LIKE '%Insects images'", [str(moved)])
        database.commit()
    (moved / "bees" / "bees_000.png").unlink()
    (moved / "bees" / "bees_001.png").write_bytes(b"other")
    with closing(Project.open(full.folder, writable=False)) as project:
        with pytest.raises(ImagesUnreadableError, match="2 of the 35 images of Insects cannot be read"):
            archive_project(project, tmp_path / "out.tlarchive")
        assert not (tmp_path / "out.tlarchive").exists()
        outcome = archive_project(project, tmp_path / "out.tlarchive", without_missing=True)
    assert {(Path(item.path).name, item.reason.id) for item in outcome.problems} == {
        ("one.png", "archive.image_gone"),
        ("bees_000.png", "archive.image_unread"),
        ("bees_001.png", "archive.image_changed"),
    }
    assert (outcome.num_images, outcome.num_missing) == (33, 2)
    back = unarchive_project(tmp_path / "out.tlarchive", tmp_path / "Back")
    assert set(back.missing) == {str(copied), str(moved / "bees" / "bees_000.png")}


def test_an_image_that_cannot_be_read_half_way_is_no_whole_project(full: Project, tmp_path: Path) -> None:
    """The disk is taken away while the others are packed."""
    lost = full.dataset().file_of(next(item for item in full.dataset().samples if item.name == "wasps_009.png"))
    kept = lost.read_bytes()

    def report(progress: Progress) -> None:
        lost.unlink(missing_ok=True)

    try:
        with pytest.raises(ImagesUnreadableError, match="1 of the 35"):
            archive_project(full, tmp_path / "out.tlarchive", report=report)
    finally:
        lost.write_bytes(kept)
    assert not (tmp_path / "out.tlarchive").exists()


def test_the_terminal_says_what_is_away_and_how_to_pack_without_it(tmp_path: Path, home: Path) -> None:
    with closing(make_project(tmp_path / "Insects")) as project:
        images = project.dataset().file_of(project.dataset().samples[0]).parent
        number = len(project.dataset().samples)
    num_away = len(list(images.iterdir()))
    images.rename(tmp_path / "unplugged")
    file = tmp_path / "Insects.tlarchive"
    refused = tlstudio("archive", tmp_path / "Insects", "--out", file, home=home, expect=3)
    assert f"{num_away} of the {number} images" in refused.stderr
    assert "--without-missing" in refused.stderr
    assert not file.exists()
    told = tlstudio("archive", tmp_path / "Insects", "--out", file, "--without-missing", home=home).stdout
    assert f"without {num_away} images" in told
    back = tlstudio("unarchive", file, "--out", tmp_path / "Back", home=home).stdout
    assert f"without {num_away} images" in back


@contextmanager
def files_of_at_most(num_bytes: int) -> Iterator[None]:
    """As on a disk that is full then: the system refuses to write on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestPacking:
    """Whole or not at all."""

    def test_a_stop_leaves_nothing(self, full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archiving, "_REPORT_EVERY", 1)
        stop, before = threading.Event(), left(tmp_path)

        def report(progress: Progress) -> None:
            if progress.done == 5:
                stop.set()

        assert archive_project(full, tmp_path, report=report, stop=stop).file is None
        assert left(tmp_path) == before

    def test_what_is_there_stays(self, full: Project, tmp_path: Path) -> None:
        (tmp_path / "mine.tlarchive").write_text("mine")
        with pytest.raises(TLStudioError, match="already"):
            archive_project(full, tmp_path / "mine.tlarchive")
        assert (tmp_path / "mine.tlarchive").read_text() == "mine"

    def test_a_disk_that_is_too_full_is_told_before(self, full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archiving, "_SPARE_BYTES", 1024**6)
        before = left(tmp_path)
        with pytest.raises(TLStudioError, match="MB are free"):
            archive_project(full, tmp_path)
        assert left(tmp_path) == before

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of files are Unix")
    def test_a_disk_that_fills_up_meanwhile(self, full: Project, tmp_path: Path) -> None:
        before = left(tmp_path)
        with files_of_at_most((full.folder / "project.sqlite").stat().st_size), pytest.raises(TLStudioError, match="could not be written"):
            archive_project(full, tmp_path)
        assert left(tmp_path) == before

    def test_every_step_of_writing_may_fail(self, full: Project, tmp_path: Path) -> None:
        before = left(tmp_path)
        for operation in range(1, 5):
            files.fail_at(operation)
            try:
                with pytest.raises(TLStudioError, match="could not be written"):
                    archive_project(full, tmp_path)
            finally:
                files.fail_at(None)
            assert left(tmp_path) == before

    def test_a_job_at_work_is_waited_for(self, full: Project, tmp_path: Path) -> None:
        with at_work(full.folder / "runs" / "0002"), pytest.raises(TLStudioError, match=r"at work \(runs/0002\)"):
            archive_project(full, tmp_path)


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


class TestUnpacking:
    """Nothing is left where anything is not as it was packed."""

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
    def test_half_a_file(self, packed: Path, share: float) -> None:
        data = packed.read_bytes()
        packed.write_bytes(data[: int(len(data) * share)])
        assert_refused(packed, "unpack.damaged", "Insects.tlarchive")

    def test_flipped_bytes_are_refused_or_change_nothing(self, packed: Path, full_once: Path, tmp_path: Path) -> None:
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

    def test_a_file_that_is_not_the_one_that_was_packed(self, packed: Path) -> None:
        name = "images/Insects images/ants/ants_001.png"
        assert_refused(rewritten(packed, lambda entry, data: data[:-1] + b"x" if entry == name else data), "archive.damaged", name)

    def test_a_file_that_is_missing_or_one_too_many(self, packed: Path, packed_once: Path) -> None:
        assert_refused(rewritten(packed, lambda entry, data: None if entry.endswith("ants_001.png") else data), "archive.damaged")
        shutil.copy(packed_once, packed)
        assert_refused(rewritten(packed, lambda _entry, data: data, extra=b"x"), "archive.damaged", "extra")

    def test_no_archive_of_ours(self, packed: Path, tmp_path: Path) -> None:
        assert_refused(rewritten(packed, lambda entry, data: None if entry == "manifest.json" else data), "archive.not_one")
        (tmp_path / "text.tlarchive").write_text("no zip")
        assert_refused(tmp_path / "text.tlarchive", "unpack.damaged")
        assert_refused(tmp_path / "gone.tlarchive", "unpack.not_readable")

    def test_one_from_a_newer_version(self, packed: Path) -> None:
        def newer(entry: str, data: bytes) -> bytes:
            return json.dumps({**json.loads(data), "format": 99}).encode() if entry == "manifest.json" else data

        assert_refused(rewritten(packed, newer), "archive.too_new", "format 99")

    @pytest.mark.parametrize("path", ["../evil.png", "/evil.png", "C:\\evil.png", "a/../../evil.png"])
    def test_paths_that_lead_out(self, packed: Path, path: str) -> None:
        def forged(entry: str, data: bytes) -> bytes:
            if entry != "manifest.json":
                return data
            manifest = json.loads(data)
            next(item for item in manifest["files"] if "path" in item)["path"] = path
            return json.dumps(manifest).encode()

        assert_refused(rewritten(packed, forged), "archive.refused")

    @pytest.mark.parametrize("sql", ["UPDATE roots SET path = '/etc' WHERE id = 1", "UPDATE samples SET path = '../../x.png' WHERE id = 2"])
    def test_a_database_that_leads_out(self, full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
        honest = full.archive.copy_database

        def forged(file: Path, roots: dict[int, str]) -> None:
            honest(file, roots)
            with closing(sqlite3.connect(file)) as database:
                database.execute(sql)
                database.commit()

        monkeypatch.setattr(full.archive, "copy_database", forged)
        archive_project(full, tmp_path / "forged.tlarchive")
        assert_refused(tmp_path / "forged.tlarchive", "archive.refused")

    def test_a_stop_leaves_nothing(self, packed: Path, tmp_path: Path) -> None:
        for at in ("unpack.doing", "archive.verifying"):
            stop, before = threading.Event(), left(tmp_path)

            def report(progress: Progress, at: str = at, stop: threading.Event = stop) -> None:
                if progress.what.id == at:
                    stop.set()

            outcome = unarchive_project(packed, tmp_path / "Back", report=report, stop=stop)
            assert outcome.folder is None
            assert left(tmp_path) == before

    def test_what_a_killed_program_left_there_is_swept_away(self, packed: Path, tmp_path: Path) -> None:
        old, new = (tmp_path / f".unpacking.{number}.tmp" for number in (1, 2))
        for left_behind in (old, new):
            (left_behind / "Insects").mkdir(parents=True)
        os.utime(old, (time.time() - 1e6, time.time() - 1e6))
        assert unarchive_project(packed, tmp_path / "Back").folder is not None
        assert (old.exists(), new.exists()) == (False, True)

    def test_a_place_that_is_taken(self, packed: Path, tmp_path: Path) -> None:
        (tmp_path / "Back").mkdir()
        assert unarchive_project(packed, tmp_path / "Back").folder == tmp_path / "Back"
        before = left(tmp_path)
        with pytest.raises(TLStudioError, match="already"):
            unarchive_project(packed, tmp_path / "Back")
        assert left(tmp_path) == before

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of files are Unix")
    def test_a_disk_that_fills_up_meanwhile(self, packed: Path, tmp_path: Path) -> None:
        with files_of_at_most(20_000):
            assert_refused(packed, "unpack.disk")


def test_the_terminal_packs_and_unpacks(full: Project, tmp_path: Path, home: Path) -> None:
    folder = full.folder
    full.close()
    answer = tlstudio_json("archive", folder, "--out", tmp_path, home=home)
    assert (answer["num_images"], answer["num_runs"], answer["problems"]) == (35, 2, [])
    told = tlstudio("unarchive", answer["file"], "--out", tmp_path / "Back", home=home).stdout
    assert told == f"The project is at {tmp_path / 'Back'}\n"
