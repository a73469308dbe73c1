"""A project goes into one file, whole or not at all, and comes out the same; images that are away are told."""

import shutil
import sqlite3
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.real_jobs import tlstudio, tlstudio_json
from tests.recorded import make_project
from tests.unit.operations.archives.conftest import NFD, everything, files_of_at_most, left
from tests.unit.project.run_folders import at_work
from tlstudio import files
from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.operations import archiving
from tlstudio.operations.archiving import archive_project
from tlstudio.operations.archiving_refusals import ImagesUnreadableError
from tlstudio.operations.checking import check
from tlstudio.operations.unarchiving import Unarchived, unarchive_project
from tlstudio.project.project import Project


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


def test_a_stop_leaves_nothing(full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "_REPORT_EVERY", 1)
    stop, before = threading.Event(), left(tmp_path)

    def report(progress: Progress) -> None:
        if progress.done == 5:
            stop.set()

    assert archive_project(full, tmp_path, report=report, stop=stop).file is None
    assert left(tmp_path) == before


def test_what_is_there_stays(full: Project, tmp_path: Path) -> None:
    (tmp_path / "mine.tlarchive").write_text("mine")
    with pytest.raises(TLStudioError, match="already"):
        archive_project(full, tmp_path / "mine.tlarchive")
    assert (tmp_path / "mine.tlarchive").read_text() == "mine"


def test_a_disk_that_is_too_full_is_told_before(full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "_SPARE_BYTES", 1024**6)
    before = left(tmp_path)
    with pytest.raises(TLStudioError, match="MB are free"):
        archive_project(full, tmp_path)
    assert left(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are Unix")
def test_a_disk_that_fills_up_meanwhile(full: Project, tmp_path: Path) -> None:
    before = left(tmp_path)
    with files_of_at_most((full.folder / "project.sqlite").stat().st_size), pytest.raises(TLStudioError, match="could not be written"):
        archive_project(full, tmp_path)
    assert left(tmp_path) == before


def test_every_step_of_writing_may_fail(full: Project, tmp_path: Path) -> None:
    before = left(tmp_path)
    for operation in range(1, 5):
        files.fail_at(operation)
        try:
            with pytest.raises(TLStudioError, match="could not be written"):
                archive_project(full, tmp_path)
        finally:
            files.fail_at(None)
        assert left(tmp_path) == before


def test_a_job_at_work_is_waited_for(full: Project, tmp_path: Path) -> None:
    with at_work(full.folder / "runs" / "0002"), pytest.raises(TLStudioError, match=r"at work \(runs/0002\)"):
        archive_project(full, tmp_path)


def test_the_terminal_packs_and_unpacks(full: Project, tmp_path: Path, home: Path) -> None:
    folder = full.folder
    full.close()
    answer = tlstudio_json("archive", folder, "--out", tmp_path, home=home)
    assert (answer["num_images"], answer["num_runs"], answer["problems"]) == (35, 2, [])
    told = tlstudio("unarchive", answer["file"], "--out", tmp_path / "Back", home=home).stdout
    assert told == f"The project is at {tmp_path / 'Back'}\n"
