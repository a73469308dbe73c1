"""One writer; everybody else reads and is told who writes."""

import getpass
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tlstudio.domain.commands import AddClass
from tlstudio.errors import TLStudioError
from tlstudio.project import layout, places
from tlstudio.project.lock import ProjectLock
from tlstudio.project.project import Project


def test_the_second_one_reads_and_is_told_who_writes(project: Project) -> None:
    project.close()
    first = Project.open(project.folder, kind="window")
    second = Project.open(project.folder)
    assert not second.writable
    assert second.read_only_reason is not None
    assert f"window of {getpass.getuser()}" in second.read_only_reason.text()
    assert str(os.getpid()) in second.read_only_reason.text()
    with pytest.raises(TLStudioError, match="window of"):
        second.apply(AddClass(class_id="w", name="wasps"))
    second.close()
    first.close()


def test_the_reader_sees_what_the_writer_does(project: Project) -> None:
    reader = Project.open(project.folder)
    assert len(reader.dataset().classes) == 2
    project.apply(AddClass(class_id="w", name="wasps"))
    assert len(reader.dataset().classes) == 3
    reader.close()


def test_a_reader_that_leaves_does_not_free_the_writers_lock(project: Project) -> None:
    Project.open(project.folder).close()
    third = Project.open(project.folder)
    assert third.read_only_reason is not None
    assert str(os.getpid()) in third.read_only_reason.text()
    third.close()


def test_the_lock_is_free_after_closing(project: Project) -> None:
    project.close()
    project.close()
    again = Project.open(project.folder)
    assert again.writable
    again.close()
    assert not (project.folder / layout.HOLDER).exists()


def test_a_holder_that_cannot_be_named_is_still_a_holder(project: Project) -> None:
    (project.folder / layout.HOLDER).write_text("not json")
    assert not ProjectLock(project.folder).take("command")
    assert "Another program" in ProjectLock(project.folder).held_by().text()


def test_asked_to_read_it_does_not_take_the_lock(project: Project) -> None:
    project.close()
    reader = Project.open(project.folder, writable=False)
    writer = Project.open(project.folder)
    assert (reader.writable, writer.writable) == (False, True)
    reader.close()
    writer.close()


def test_this_computers_disk_is_not_shared(tmp_path: Path) -> None:
    assert not places.is_shared(tmp_path)


def test_a_network_drive_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drives = {"/": "ext4", str(tmp_path): "ext4", str(tmp_path / "lab"): "nfs4"}
    mounts = [SimpleNamespace(mountpoint=place, fstype=kind) for place, kind in drives.items()]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_all: mounts)
    assert places.is_shared(tmp_path / "lab" / "Insect survey")
    assert not places.is_shared(tmp_path / "laboratory")


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive - University", "Google Drive", "Nextcloud2", "Dropbox (Lab)"])
def test_a_synced_folder_is_shared(tmp_path: Path, name: str) -> None:
    assert places.is_shared(tmp_path / name / "Insect survey")


def test_a_folder_with_a_sync_programs_mark_is_shared(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / ".sync_journal.db").write_bytes(b"")
    assert places.is_shared(tmp_path / "cloud" / "work")
    assert not places.is_shared(tmp_path)


def test_a_folder_that_only_sounds_like_a_cloud_is_not_one(tmp_path: Path) -> None:
    assert not places.is_shared(tmp_path / "Nextclouds over Bremen" / "My drives")
