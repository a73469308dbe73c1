"""Projects are made, found again and remembered."""

import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.unit.project.conftest import found
from tlstudio import files, paths
from tlstudio.domain.commands import SetNotes
from tlstudio.errors import TLStudioError
from tlstudio.operations import projects
from tlstudio.project.project import Project


def test_the_latest_project_comes_first_and_once(tmp_path: Path) -> None:
    assert projects.recent_projects() == []
    for name in ("One", "Two", "One"):
        folder = tmp_path / name
        (projects.open_project(folder) if folder.exists() else projects.create_project(folder)).close()
    assert [item.name for item in projects.recent_projects()] == ["One", "Two"]


def test_a_card_shows_the_project_as_it_was_left(tmp_path: Path) -> None:
    project = projects.create_project(tmp_path / "One")
    root = project.add_root(tmp_path, copied=False)
    project.add_samples(root, [found(name, number) for name in ("ants", "bees") for number in range(5)], given_splits=False)
    project.close()
    (card,) = projects.recent_projects()
    assert (card.num_images, card.num_classes, card.best, card.is_running) == (10, 2, None, False)
    assert card.thumbnails == ("ants0", "bees0", "ants1", "ants2")


def test_a_project_that_is_gone_is_not_shown_but_comes_back(tmp_path: Path) -> None:
    projects.create_project(tmp_path / "Stick").close()
    (tmp_path / "Stick").rename(tmp_path / "unplugged")
    assert projects.recent_projects() == []
    (tmp_path / "unplugged").rename(tmp_path / "Stick")
    assert [item.name for item in projects.recent_projects()] == ["Stick"]


def test_a_project_taken_off_the_list_stays_on_the_disk(tmp_path: Path) -> None:
    projects.create_project(tmp_path / "One").close()
    projects.forget_project(tmp_path / "One")
    assert projects.recent_projects() == []
    projects.open_project(tmp_path / "One").close()


@pytest.mark.parametrize("content", [b"", b"not json", b'{"projects": 3}', b"\xff\xfe\x00"])
def test_a_damaged_list_starts_afresh(tmp_path: Path, content: bytes) -> None:
    paths.config_dir().mkdir(parents=True)
    (paths.config_dir() / "recents.json").write_bytes(content)
    assert projects.recent_projects() == []
    projects.create_project(tmp_path / "One").close()
    assert [item.name for item in projects.recent_projects()] == ["One"]


def test_a_list_that_cannot_be_saved_stops_nobody(tmp_path: Path) -> None:
    paths.config_dir().parent.mkdir(exist_ok=True)
    paths.config_dir().write_text("a file where the folder should be")
    project = projects.create_project(tmp_path / "One")
    assert project.writable
    project.close()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Insects", "Insects"),
        ("my: slides?", "my slides"),
        ("CON", "CON images"),
        ("trailing. ", "trailing"),
        ("...", "Images"),
        ("Käfer 2", "Käfer 2"),
    ],
)
def test_a_dropped_folder_names_its_project(tmp_path: Path, source: str, name: str) -> None:
    assert projects.project_folder_for(tmp_path / source) == paths.projects_dir() / name


def test_the_second_folder_of_a_name_gets_a_number(tmp_path: Path) -> None:
    for expected in ("Insects", "Insects 2", "Insects 3"):
        folder = projects.project_folder_for(tmp_path / "Insects")
        assert folder.name == expected
        projects.create_project(folder).close()


def test_without_sample_images_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "resources", lambda: tmp_path / "nothing")
    with pytest.raises(TLStudioError, match="sample"):
        projects.open_sample()
    assert not paths.projects_dir().exists()


def test_a_reader_may_open_what_a_command_holds(tmp_path: Path) -> None:
    first = projects.create_project(tmp_path / "One", kind="window")
    second = projects.open_project(tmp_path / "One")
    assert second.read_only_reason is not None
    assert "window" in second.read_only_reason.text()
    with pytest.raises(TLStudioError):
        second.apply(SetNotes(note_by_sample={}))
    second.close()
    first.close()


def test_a_project_whose_runs_cannot_be_read_is_closed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects.create_project(tmp_path / "One").close()

    def fail(project: object) -> None:
        raise RuntimeError("our mistake")

    monkeypatch.setattr(projects.recorder, "ingest", fail)
    with pytest.raises(RuntimeError):
        projects.open_project(tmp_path / "One")
    lock = files.FileLock(tmp_path / "One" / "project.lock")
    assert not lock.is_held_elsewhere()


@pytest.fixture
def sample(make_images: MakeImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a small sample."""
    folder = make_images({"discs": 4, "bars": 4}, name="resources/sample", size=32)
    monkeypatch.setattr(paths, "resources", lambda: tmp_path / "resources")
    return folder


def test_the_sample_is_copied_in_once_and_work_in_it_stays(sample: Path) -> None:
    project = projects.open_sample()
    dataset = project.dataset()
    assert (len(dataset.ready), {item.name for item in dataset.classes}) == (8, {"discs", "bars"})
    assert all(dataset.file_of(item).is_relative_to(project.folder / "images") for item in dataset.ready)
    project.apply(SetNotes(note_by_sample={1: "mine"}))
    project.close()
    again = projects.open_sample()
    assert (again.folder, len(again.dataset().samples), again.dataset().samples[0].note) == (project.folder, 8, "mine")
    again.close()
    assert [item.num_images for item in projects.recent_projects()] == [8]


def test_a_sample_that_was_stopped_half_way_is_finished_next_time(sample: Path) -> None:
    stop = threading.Event()
    stop.set()
    half = projects.open_sample(stop=stop)
    assert len(half.dataset().samples) < 8
    half.close()
    whole = projects.open_sample()
    assert len(whole.dataset().ready) == 8
    whole.close()


def test_a_project_is_the_same_through_a_link_and_where_it_was_moved_to_but_a_copy_is_not(tmp_path: Path) -> None:
    with closing(Project.create(tmp_path / "one")) as first:
        folder = first.folder
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    with closing(Project.open(tmp_path / "link")) as link, closing(Project.open(tmp_path / "copy")) as copy:
        assert projects.is_same(link, first)
        assert copy.id == first.id
        assert not projects.is_same(copy, first)
    folder.rename(tmp_path / "moved")
    with closing(Project.open(tmp_path / "moved")) as moved, closing(Project.create(tmp_path / "two")) as other:
        assert projects.is_same(moved, first)
        assert not projects.is_same(other, first)
