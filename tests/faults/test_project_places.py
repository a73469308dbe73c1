"""F08, F10, F11, F12, F15: projects that are damaged, old, too new, on a read-only medium or on a network drive."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import msgspec
import pytest

from tests.unit.project.conftest import found
from tests.unit.project.run_folders import STARTED, SUMMARY, order, say
from tlstudio import files
from tlstudio.domain.commands import AddClass, SetNotes
from tlstudio.domain.events import Finished, Pruned
from tlstudio.domain.run_state import Status
from tlstudio.domain.samples import SampleState
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.operations import projects
from tlstudio.operations.checking import check
from tlstudio.project import layout, migrations, opening, places
from tlstudio.project.project import Project

FIXTURES = Path(__file__).resolve().parents[1] / "data" / "projects"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed project with 40 images, a note and a finished run; then the disk goes wrong."""
    project = Project.create(tmp_path / "Insects")
    root = project.add_root(tmp_path / "photos", copied=False)
    project.add_samples(root, [found(name, number) for name in ("ants", "bees") for number in range(20)], given_splits=False)
    project.apply(SetNotes(note_by_sample={1: "kept"}))
    say(order(project, 1), STARTED, Finished(summary=SUMMARY))
    project.close()
    return project.folder


def write_with_log(folder: Path) -> None:
    """A note that only the write-ahead log holds, as after a kill."""
    project = Project.open(folder)
    project.apply(SetNotes(note_by_sample={2: "in the log"}))
    for name in ("project.sqlite", "project.sqlite-wal"):
        shutil.copy(folder / name, folder / f"{name}.copy")
    project.close()
    for name in ("project.sqlite", "project.sqlite-wal"):
        (folder / f"{name}.copy").replace(folder / name)


# --- F10: damaged


def overwrite(file: Path, start: int, size: int) -> None:
    with open(file, "r+b") as stream:
        stream.seek(start)
        stream.write(os.urandom(size))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "head": lambda file: overwrite(file, 0, 200),
    "all": lambda file: file.write_bytes(os.urandom(50_000)),
    "empty": lambda file: file.write_bytes(b""),
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "pages": lambda file: overwrite(file, 8192, 30_000),
    "tables": lambda file: overwrite(file, 200, 3896),  # to the end of the first page, where the list of tables begins
    "gone": lambda file: file.unlink(),
    "html": lambda file: file.write_text("<html>quota exceeded</html>"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_database_is_restored_and_the_damaged_one_kept(folder: Path, what: str) -> None:
    file = folder / layout.DATABASE
    DAMAGE[what](file)
    damaged = file.read_bytes() if file.exists() else None
    project = projects.open_project(folder)
    assert project.writable
    assert [notice.id for notice in project.notices] == ["restore.done"]
    assert len(project.dataset().samples) == 40
    assert project.dataset().samples[0].note == "kept"
    assert [(run.number, run.status) for run in project.runs()] == [(1, Status.FINISHED)]
    project.close()
    kept = list(folder.glob("project-damaged-*.sqlite"))
    assert [item.read_bytes() for item in kept] == ([damaged] if damaged is not None else [])
    again = Project.open(folder)
    assert again.notices == ()
    again.close()
    assert {item.check for item in check(folder)} <= {"images", "run"}, "its photos and checkpoints never existed"


def test_edits_since_the_backup_are_read_from_the_damaged_file_where_it_still_has_them(folder: Path) -> None:
    shutil.copytree(folder / layout.BACKUPS, folder / "older")
    project = Project.open(folder)
    project.undo()
    project.apply(AddClass(class_id="w", name="wasps"))
    project.apply(SetNotes(note_by_sample={3: "later"}))
    expected = project.dataset()
    project.close()
    shutil.rmtree(folder / layout.BACKUPS)
    (folder / "older").rename(folder / layout.BACKUPS)
    _spoil_index(folder / layout.DATABASE, "sample_paths")
    restored = Project.open(folder)
    (notice,) = restored.notices
    assert "with 3 later edits" in notice.text()
    assert (restored.dataset().samples, restored.dataset().classes) == (expected.samples, expected.classes)
    restored.close()


def _spoil_index(file: Path, name: str) -> None:
    """Overwrite the page of one index: the rest can still be read."""
    connection = apsw.Connection(str(file))
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchall()[0][0]
    size = connection.execute("PRAGMA page_size").fetchall()[0][0]
    connection.close()
    overwrite(file, (page - 1) * size, size)


def test_a_damaged_backup_is_passed_over(folder: Path) -> None:
    newest = max((folder / layout.BACKUPS).glob("project-*.sqlite"))
    project = Project.open(folder)
    project.apply(SetNotes(note_by_sample={2: "newer"}))
    project.close()
    newer = max((folder / layout.BACKUPS).glob("project-*.sqlite"))
    assert newer != newest
    overwrite(newer, 0, 100)
    (folder / layout.DATABASE).unlink()
    restored = Project.open(folder)
    assert restored.dataset().samples[0].note == "kept"
    restored.close()


def test_without_any_backup_it_is_said_and_nothing_is_touched(folder: Path) -> None:
    shutil.rmtree(folder / layout.BACKUPS)
    overwrite(folder / layout.DATABASE, 0, 500)
    before = {file: file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}
    with pytest.raises(TLStudioError, match="no backup"):
        Project.open(folder)
    assert {file: file.read_bytes() for file in before} == before
    assert not files.FileLock(folder / layout.LOCK).is_held_elsewhere()


def test_a_reader_of_a_damaged_project_is_told_how_it_is_mended(folder: Path) -> None:
    overwrite(folder / layout.DATABASE, 0, 500)
    with pytest.raises(TLStudioError, match="restored from its newest backup"):
        Project.open(folder, writable=False)


def test_backups_are_few(folder: Path) -> None:
    for number in range(8):
        project = Project.open(folder)
        project.apply(SetNotes(note_by_sample={1: str(number)}))
        project.close()
    assert 2 <= len(list((folder / layout.BACKUPS).iterdir())) <= 4


def test_opening_and_looking_makes_no_backup(folder: Path) -> None:
    before = sorted((folder / layout.BACKUPS).iterdir())
    for _ in range(3):
        Project.open(folder).close()
    assert sorted((folder / layout.BACKUPS).iterdir()) == before


@pytest.mark.parametrize("content", [None, b"", b"\x00\x00", b'{"format": "one"}'])
def test_the_small_file_is_written_again_from_the_database(folder: Path, content: bytes | None) -> None:
    small = folder / "Insects.tlstudio"
    before = small.read_bytes()
    small.unlink() if content is None else small.write_bytes(content)
    project = Project.open(folder)
    assert (project.writable, project.name) == (True, "Insects")
    project.close()
    assert small.read_bytes() == before


# --- F11: every older version


@pytest.mark.parametrize("version", range(1, migrations.current() + 1))
def test_a_project_of_every_version_opens_whole(tmp_path: Path, version: int) -> None:
    folder = tmp_path / "Old"
    folder.mkdir()
    connection = apsw.Connection(str(folder / layout.DATABASE))
    connection.execute((FIXTURES / f"v{version:03d}.sql").read_text(encoding="utf-8"))
    connection.close()
    project = Project.open(folder)
    dataset = project.dataset()
    assert (project.writable, project.name) == (True, "Insects of version 1")
    assert [item.name for item in dataset.classes] == ["Formicidae", "bees"]
    assert [sample.split for sample in dataset.samples[:3]] == [Split.TRAIN, Split.VAL, Split.TEST]
    assert dataset.samples[0].class_id == dataset.classes[1].id
    assert dataset.samples[1].note == "queen?"
    assert (dataset.samples[6].state, dataset.samples[6].reason and dataset.samples[6].reason.text()) == (
        SampleState.SET_ASIDE,
        "9.jpg is cut short.",
    )
    (run,) = project.runs()
    assert (run.number, run.status, run.summary) == (1, Status.FINISHED, SUMMARY)
    ending = ("1f" * 32, True, Pruned(epoch=3, num_rivals=4)) if version >= 4 else (None, False, None)
    assert (run.judged_on, run.ended_early, run.pruned) == ending
    assert project.num_openings() == 1
    network = project.settings().network
    assert network is not None
    assert network.architecture == "resnet18"
    assert project.undo() is not None
    assert project.redo() is not None
    project.close()


def test_every_version_has_its_file_its_row_and_its_fixture() -> None:
    names = [f"v{number:03d}.sql" for number in range(1, migrations.current() + 1)]
    assert names == migrations.MIGRATIONS
    assert sorted(file.name for file in migrations.SCHEMA.glob("*.sql")) == names
    assert sorted(file.name for file in FIXTURES.glob("*.sql")) == names


# --- F12: from a newer version


def test_a_newer_projects_file_is_respected(folder: Path) -> None:
    small = folder / "Insects.tlstudio"
    info = msgspec.json.decode(small.read_bytes(), type=layout.ProjectFile)
    files.write_json(small, msgspec.structs.replace(info, format=7))
    project = projects.open_project(folder)
    assert project.read_only_reason is not None
    assert "newer version of TL Studio (format 7)" in project.read_only_reason.text()
    with pytest.raises(TLStudioError, match="format 7"):
        project.apply(SetNotes(note_by_sample={1: "x"}))
    assert len(project.dataset().samples) == 40
    project.close()
    assert not files.FileLock(folder / layout.LOCK).is_held_elsewhere()


@pytest.mark.parametrize("is_readable", [True, False])
def test_newer_tables_are_read_if_they_can_be(folder: Path, is_readable: bool) -> None:
    connection = apsw.Connection(str(folder / layout.DATABASE))
    connection.execute("PRAGMA user_version = 9")
    if not is_readable:
        connection.execute("ALTER TABLE samples RENAME COLUMN path TO place")
    connection.close()
    before = (folder / layout.DATABASE).read_bytes()
    if is_readable:
        project = Project.open(folder)
        assert project.read_only_reason is not None
        assert "(format 9)" in project.read_only_reason.text()
        project.close()
    else:
        with pytest.raises(TLStudioError, match="format 9"):
            Project.open(folder)
    assert (folder / layout.DATABASE).read_bytes() == before
    assert not files.FileLock(folder / layout.LOCK).is_held_elsewhere()


# --- F08: a medium that cannot be written


@pytest.fixture
def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Makes the project's folder unwritable: by a real read-only mount where this user may, else as its user sees it."""
    mounted: list[Path] = []

    def make() -> None:
        bind = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
        if bind.returncode == 0:
            mounted.append(folder)
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        elif os.geteuid() != 0:
            for item in (folder, *folder.rglob("*")):
                item.chmod(0o555 if item.is_dir() else 0o444)
        else:
            monkeypatch.setattr(opening, "_can_write", lambda folder: False)

    yield make
    for item in mounted:
        subprocess.run(["umount", item], check=True)
    for item in (folder, *folder.rglob("*")):
        item.chmod(0o755)


def test_a_read_only_medium_is_read(folder: Path, read_only: Callable[[], None]) -> None:
    read_only()
    project = projects.open_project(folder)
    assert project.read_only_reason is not None
    assert "cannot be written" in project.read_only_reason.text()
    assert len(project.dataset().samples) == 40
    assert [(run.number, run.status) for run in project.runs()] == [(1, Status.FINISHED)]
    assert project.count_opening(run=1) == 1
    with pytest.raises(TLStudioError, match="reading only"):
        project.apply(SetNotes(note_by_sample={1: "x"}))
    project.close()


def test_a_read_only_medium_shows_what_a_killed_program_left_in_its_log(folder: Path, read_only: Callable[[], None]) -> None:
    write_with_log(folder)
    read_only()
    project = Project.open(folder)
    assert not project.writable
    assert project.dataset().samples[1].note == "in the log"
    project.close()


def test_an_older_project_on_a_read_only_medium_is_read_from_a_copy(
    folder: Path, tmp_path: Path, read_only: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"v{migrations.current() + 1:03d}.sql"
    monkeypatch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, name])
    monkeypatch.setattr(migrations, "SCHEMA", tmp_path / "schema")
    shutil.copytree(layout_schema(), tmp_path / "schema")
    (tmp_path / "schema" / name).write_text("CREATE TABLE cameras (id INTEGER PRIMARY KEY) STRICT;")
    read_only()
    project = Project.open(folder)
    assert (project.writable, len(project.dataset().samples)) == (False, 40)
    project.close()


def layout_schema() -> Path:
    """Where this program keeps its schema."""
    return Path(migrations.__file__).with_name("schema")


def test_a_drive_without_locks_is_read_and_it_is_said_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: files.FileLock, *, wait_s: float = 0.0) -> bool:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(files.FileLock, "acquire", refuse)
    project = Project.open(folder)
    assert project.read_only_reason is not None
    assert "two programs" in project.read_only_reason.text()
    project.close()


def test_a_full_disk_at_opening_is_named(folder: Path) -> None:
    files.fail_at(1)
    try:
        project = Project.open(folder)
    finally:
        files.fail_at(None)
    assert project.read_only_reason is not None
    assert "cannot be written" in project.read_only_reason.text()
    project.close()


# --- F15: network drives and synced folders


def test_on_a_network_drive_there_is_no_log_and_one_warning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_with_log(folder)
    monkeypatch.setattr(places, "file_system", lambda folder: "cifs")
    first = Project.open(folder)
    assert [notice.id for notice in first.notices] == ["project.shared_place"]
    assert first.dataset().samples[1].note == "in the log"
    first.apply(SetNotes(note_by_sample={1: "over the wire"}))
    assert not (folder / "project.sqlite-wal").exists()
    reader = Project.open(folder)
    assert reader.dataset().samples[0].note == "over the wire"
    reader.close()
    first.close()
    second = Project.open(folder)
    assert second.notices == ()
    assert second.dataset().samples[0].note == "over the wire"
    second.close()


def test_on_a_local_disk_readers_do_not_stop_the_writer(folder: Path) -> None:
    writer = Project.open(folder)
    reader = Project.open(folder)
    reader.dataset()
    writer.apply(SetNotes(note_by_sample={1: "while read"}))
    assert (folder / "project.sqlite-wal").stat().st_size > 0
    assert reader.dataset().samples[0].note == "while read"
    reader.close()
    writer.close()
