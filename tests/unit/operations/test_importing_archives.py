"""A zip archive is imported like the folder it holds; what cannot be trusted is refused with a word and leaves nothing behind."""

import io
import os
import stat
import struct
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.real_jobs import tlstudio_json
from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.operations import unpacking
from tlstudio.operations.dropped import project_for_folder
from tlstudio.operations.importing import import_data
from tlstudio.project import sweeping
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


@pytest.fixture
def photographs(tmp_path: Path, make_images: MakeImages) -> Path:
    """A zip archive of two classes, within a folder of its own."""
    return zipped(make_images({"ants": 4, "bees": 4}), tmp_path / "photographs.zip")


def zipped(folder: Path, archive: Path, *, within: str = "wrapped/") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for item in sorted(folder.rglob("*")):
            file.write(item, within + item.relative_to(folder).as_posix())
    return archive


def below(project: Project) -> list[str]:
    """All files in the project's images."""
    folder = project.folder / "images"
    return sorted(item.relative_to(folder).as_posix() for item in folder.rglob("*") if item.is_file()) if folder.exists() else []


def test_its_images_are_copied_in_and_its_folders_are_classes(project: Project, photographs: Path) -> None:
    outcome = import_data(project, photographs)
    dataset = project.dataset()
    assert (outcome.num_added, outcome.format_id, outcome.classes) == (8, "class_folders", ("ants", "bees"))
    assert [(root.copied, Path(root.path).name) for root in dataset.roots] == [(True, "images")]
    assert below(project) == [f"photographs/wrapped/{name}/{name}_00{number}.png" for name in ("ants", "bees") for number in range(4)]
    assert all(dataset.file_of(sample).is_file() for sample in dataset.samples)
    photographs.unlink()
    assert dataset.file_of(dataset.samples[0]).is_file()


def test_the_same_archive_again_changes_nothing(project: Project, photographs: Path) -> None:
    import_data(project, photographs)
    before = below(project)
    outcome = import_data(project, photographs)
    assert (outcome.num_added, outcome.num_known, below(project)) == (0, 8, before)


def test_annotations_in_it_are_read(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    source = make_images({"images": 2})
    for number in range(2):
        (source / "labels").mkdir(exist_ok=True)
        (source / "labels" / f"images_00{number}.txt").write_text(f"{number} 0.5 0.5 0.5 0.5\n")
    (source / "data.yaml").write_text("names: [ant, bee]\n")
    outcome = import_data(project, zipped(source, tmp_path / "set.zip", within=""))
    assert (outcome.format_id, len(project.regions.of())) == ("yolo", 2)
    assert not [name for name in below(project) if not name.endswith(".png")]


def test_a_stop_while_it_is_unpacked_leaves_nothing(project: Project, photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_REPORT_EVERY", 1)
    stop = threading.Event()

    def report(progress: Progress) -> None:
        if progress.what.id == "unpack.doing" and progress.done == 3:
            stop.set()

    outcome = import_data(project, photographs, report=report, stop=stop)
    assert (outcome.was_stopped, outcome.num_added, project.dataset().samples) == (True, 0, ())
    assert list((project.folder / "images").rglob("*")) == []


def test_a_stop_while_it_is_read_keeps_what_is_in_and_nothing_else(project: Project, photographs: Path) -> None:
    stop = threading.Event()

    def report(progress: Progress) -> None:
        if progress.what.id == "import.reading" and progress.done:
            stop.set()

    outcome = import_data(project, photographs, report=report, stop=stop)
    assert outcome.was_stopped
    assert below(project) == sorted(sample.path for sample in project.dataset().samples)


@pytest.mark.parametrize("copy", [True, False])
def test_a_stopped_copy_of_a_folder_leaves_no_strangers(project: Project, make_images: MakeImages, copy: bool) -> None:
    source = make_images({"ants": 20})
    stop = threading.Event()

    def report(progress: Progress) -> None:
        if progress.what.id == "import.reading" and progress.done:
            stop.set()

    import_data(project, source, copy=copy, report=report, stop=stop)
    assert len(list(source.rglob("*.png"))) == 20
    assert below(project) == (sorted(sample.path for sample in project.dataset().samples) if copy else [])


def forged(tmp_path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    archive = tmp_path / "forged.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for info, data in entries:
            file.writestr(info, data)
    return archive


def assert_refused(project: Project, archive: Path, id: str) -> None:
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(TLStudioError) as error:
        import_data(project, archive)
    assert error.value.title.id == id
    assert "Nothing was" in error.value.hint.text()
    assert sorted(archive.parent.rglob("*")) == before
    assert project.dataset().samples == ()


class TestRefusals:
    """Each says what happened, and nothing is written anywhere."""

    @pytest.mark.parametrize(
        "name", ["../evil.png", "a/../../evil.png", "/evil.png", "C:/evil.png", "C:evil.png", "..\\evil.png", "a\nb.png"]
    )
    def test_paths_that_lead_out(self, project: Project, tmp_path: Path, name: str) -> None:
        assert_refused(project, forged(tmp_path, ("good.png", b"x"), (name, b"x")), "unpack.outside")

    def test_a_damaged_one(self, project: Project, photographs: Path) -> None:
        whole = photographs.read_bytes()
        photographs.write_bytes(whole[: len(whole) // 2])
        assert_refused(project, photographs, "unpack.damaged")
        photographs.write_bytes(whole[:200] + bytes(200) + whole[400:])
        assert_refused(project, photographs, "unpack.damaged_entry")
        photographs.write_bytes(b"no archive")
        assert_refused(project, photographs, "unpack.damaged")

    def test_one_with_a_password(self, project: Project, photographs: Path) -> None:
        data = bytearray(photographs.read_bytes())
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = data.find(mark)
            while at >= 0:
                (flags,) = struct.unpack_from("<H", data, at + place)
                struct.pack_into("<H", data, at + place, flags | 1)
                at = data.find(mark, at + 4)
        photographs.write_bytes(data)
        assert_refused(project, photographs, "unpack.encrypted")

    def test_one_that_grows_without_end(self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacking, "_SMALL_BYTES", 1024 * 1024)
        assert_refused(project, forged(tmp_path, ("bomb.png", bytes(8 * 1024 * 1024))), "unpack.too_large")

    def test_one_of_too_many_files(self, project: Project, photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacking, "MAX_FILES", 7)
        assert_refused(project, photographs, "unpack.too_large")

    def test_a_disk_that_is_too_full(self, project: Project, photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacking, "_SPARE_BYTES", 1024**6)
        assert_refused(project, photographs, "unpack.no_space")

    def test_one_without_images(self, project: Project, tmp_path: Path) -> None:
        archive = forged(tmp_path, ("readme.md", b"nothing here"))
        assert_refused(project, archive, "import.no_images")
        with pytest.raises(TLStudioError, match=r"no image in forged\.zip"):
            project_for_folder(archive)

    def test_a_disk_that_fails_half_way(self, project: Project, photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[str] = []
        open_file = io.open

        def failing(file: Path, mode: str) -> io.IOBase:
            made.append(str(file))
            if len(made) == 4:
                raise OSError(28, "No space left on device")
            return open_file(file, mode)

        monkeypatch.setattr(unpacking, "open", failing, raising=False)
        with pytest.raises(TLStudioError, match="No space left"):
            import_data(project, photographs)
        assert list((project.folder / "images").rglob("*")) == []


def test_links_and_doubles_are_left_out_and_told(project: Project, photographs: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("wrapped/ants/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(photographs, "a") as file:
        file.writestr(link, "/etc/passwd")
        file.writestr("wrapped/./ants//ants_000.png", b"another")
        file.writestr("wrapped/ants/ants_001.png/deeper.png", b"below a file")
    outcome = import_data(project, photographs)
    assert outcome.num_added == 8
    assert [item.reason.id for item in outcome.skipped] == ["unpack.link", "unpack.twice", "unpack.twice"]
    assert not [item for item in (project.folder / "images").rglob("*") if item.is_symlink()]


def test_names_are_composed(project: Project, photographs: Path, make_images: MakeImages, tmp_path: Path) -> None:
    source = make_images({"a": 1}, name="one")
    data = (source / "a" / "a_000.png").read_bytes()
    import_data(project, forged(tmp_path, ("Ka\u0308fer/1.png", data), ("Wespen\\2.png", data)))
    assert {item.name for item in project.dataset().classes} == {"K\u00e4fer", "Wespen"}
    assert below(project) == ["forged/K\u00e4fer/1.png", "forged/Wespen/2.png"]


def test_what_a_killed_program_left_is_swept_away(project: Project) -> None:
    left = project.folder / "images" / f".unpacking.{os.getpid() + 1}.tmp" / "set" / "a.png"
    left.parent.mkdir(parents=True)
    left.touch()
    assert sweeping.orphans_of_project(project.folder) == [left.parent.parent]
    sweeping.sweep(project.folder)
    assert not left.parent.parent.exists()


def test_a_dropped_archive_becomes_a_project_named_after_it(photographs: Path, home: Path) -> None:
    project = project_for_folder(photographs)
    assert project is not None
    assert project.name == "photographs"
    project.close()


def test_the_terminal_takes_it(tmp_path: Path, home: Path, photographs: Path) -> None:
    tlstudio_json("new", tmp_path / "P", home=home)
    answer = tlstudio_json("import", tmp_path / "P", photographs, home=home)
    assert (answer["num_added"], answer["images_by_class"]) == (8, {"ants": 4, "bees": 4})
