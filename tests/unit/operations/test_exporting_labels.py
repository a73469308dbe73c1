"""Labels leave the program whole or not at all, and come in again as they were."""

import csv
import io
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.real_jobs import tlstudio, tlstudio_json
from tests.recorded import picture
from tlstudio import files
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.operations import edits
from tlstudio.operations.exporting_labels import export_labels
from tlstudio.operations.importing import import_data
from tlstudio.operations.label_exports import LABEL_EXPORTERS
from tlstudio.operations.label_exports._placing import folder_name
from tlstudio.project.project import Project

Word = tuple[str, str | None, Split | None, str | None]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def labelled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes, a group and a note, an image without a class, and one that is set aside; images are copied in."""
    place = tmp_path_factory.mktemp("labelled")
    for class_index, name in enumerate(("ants", "bees")):
        for item in range(8):
            file = place / "images" / name / ("slide_3" if item == 5 else "") / f"{item:02d}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture(class_index, item))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLSTUDIO_HOME", str(place / "home"))
        project = Project.create(place / "Labelled")
        import_data(project, place / "images", copy=True)
        samples = project.dataset().samples
        edits.set_note(project, [samples[1].id], 'doubtful; "blurred",\nask again')
        edits.set_class(project, [samples[2].id], None)
        edits.set_aside(project, [samples[3].id])
        project.close()
    return project.folder


@pytest.fixture
def labelled(labelled_once: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of it."""
    opened = Project.open(shutil.copytree(labelled_once, tmp_path / "Labelled"))
    yield opened
    opened.close()


def words(project: Project, *, by_path: bool) -> list[Word]:
    """What is known of each image that takes part."""
    dataset = project.dataset()
    return sorted(
        (
            sample.path if by_path else sample.content_hash,
            dataset.class_by_id[sample.class_id].name if sample.class_id else None,
            sample.split if sample.class_id else None,
            sample.group,
        )
        for sample in dataset.ready
    )


def imported(folder: Path, source: Path) -> Project:
    project = Project.create(folder)
    import_data(project, source)
    return project


def test_a_table_of_all_that_takes_part(labelled: Project, tmp_path: Path) -> None:
    target = tmp_path / "labels.csv"
    assert export_labels(labelled, "csv", target).num_images == 15
    data = target.read_bytes()
    assert data.startswith(b"path,label,split,group,note\r\n")
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert len(rows) == 15
    assert rows[1]["note"] == 'doubtful; "blurred",\nask again'
    assert [row["label"] for row in rows].count("") == 1
    assert {row["group"] for row in rows} == {"", "slide_3"}
    assert all(not Path(row["path"]).is_absolute() for row in rows)


def test_paths_are_absolute_where_images_lie_in_several_folders(labelled: Project, make_images: MakeImages, tmp_path: Path) -> None:
    import_data(labelled, make_images({"wasps": 2}, name="more", seed=4))
    export_labels(labelled, "csv", tmp_path / "labels.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "labels.csv").read_text("utf-8"))))
    assert all(Path(row["path"]).is_file() for row in rows)


def test_a_table_beside_the_images_says_the_same_again(labelled: Project, tmp_path: Path) -> None:
    source = Path(labelled.dataset().roots[0].path)
    edits.rename_class(labelled, labelled.dataset().classes[0].id, "=Formica, “rufa”; no")
    export_labels(labelled, "csv", source / "labels.csv")
    again = imported(tmp_path / "Again", source)
    aside = labelled.dataset().set_aside[0].path
    assert [item for item in words(again, by_path=True) if item[0] != aside] == words(labelled, by_path=True)
    again.close()


@pytest.mark.parametrize("link", [False, True])
def test_folders_hold_the_images_and_say_the_same_again(labelled: Project, tmp_path: Path, link: bool) -> None:
    target = tmp_path / "handed over"
    outcome = export_labels(labelled, "folders", target, link=link)
    assert (outcome.num_images, outcome.num_left_out, outcome.renamed) == (14, 1, {})
    placed = [file for file in target.rglob("*") if file.is_file()]
    assert len(placed) == 14
    assert all((file.stat().st_nlink > 1) is link for file in placed)
    again = imported(tmp_path / "Again", target)
    assert words(again, by_path=False) == [item for item in words(labelled, by_path=False) if item[1] is not None]
    again.close()


def test_folders_of_a_single_part_are_told_to_say_less(labelled: Project, tmp_path: Path) -> None:
    edits.set_split(labelled, [sample.id for sample in labelled.dataset().ready], Split.VAL)
    outcome = export_labels(labelled, "folders", tmp_path / "out")
    assert [item.id for item in outcome.losses] == ["labels.lost_aside", "labels.lost_notes", "labels.one_part"]


@pytest.mark.parametrize("format", LABEL_EXPORTERS)
def test_every_format_tells_that_images_set_aside_are_not_in_it(labelled: Project, tmp_path: Path, format: str) -> None:
    edits.set_aside(labelled, [labelled.dataset().ready[0].id])
    told = [item.text() for item in export_labels(labelled, format, tmp_path / "out").losses]
    assert "Images that are set aside are not in it: 2." in told


def test_two_images_of_one_name_and_names_no_folder_can_have(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    first = make_images({"ants": 2}, name="first")
    second = make_images({"ants": 2}, name="second", seed=3)
    import_data(project, first)
    import_data(project, second)
    edits.rename_class(project, project.dataset().classes[0].id, "red/black: ants?")
    outcome = export_labels(project, "folders", tmp_path / "out")
    assert outcome.renamed == {"red/black: ants?": "red black ants"}
    assert outcome.num_images == len(list((tmp_path / "out").rglob("*.png"))) == 4


@pytest.mark.parametrize(
    ("name", "folder"),
    [("a/b", "a b"), ("..", "_"), (".hidden", "hidden"), ("CON", "CON_"), ("nul.x", "nul.x_"), ("ä ö", "ä ö"), ("a\0b", "a b")],
)
def test_every_class_gets_a_name_that_a_folder_can_have(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@pytest.mark.parametrize(("format", "num_images"), [("folders", 13), ("coco", 14), ("voc", 14), ("yolo", 14)])
def test_an_image_that_is_gone_is_left_out_and_told(labelled: Project, tmp_path: Path, format: str, num_images: int) -> None:
    gone = labelled.dataset().ready[0]
    labelled.dataset().file_of(gone).unlink()
    outcome = export_labels(labelled, format, tmp_path / "set")
    assert outcome.num_images == num_images
    told = f"Images whose files are not there, or cannot be read, are not in it: 1 ({gone.path})."
    assert told in [item.text() for item in outcome.losses]
    assert len(list((tmp_path / "set").rglob("*.png"))) == num_images


class TestRefusals:
    """Each says what happened and what to do, and leaves nothing that looks whole."""

    @pytest.mark.parametrize("format", LABEL_EXPORTERS)
    def test_what_is_there_is_never_overwritten(self, labelled: Project, tmp_path: Path, format: str) -> None:
        target = tmp_path / "target"
        target.write_text("mine")
        with pytest.raises(TLStudioError, match="already"):
            export_labels(labelled, format, target)
        assert target.read_text() == "mine"
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "mine").touch()
        with pytest.raises(TLStudioError, match="already"):
            export_labels(labelled, format, folder)
        assert [item.name for item in folder.iterdir()] == ["mine"]

    def test_an_empty_folder_is_filled(self, labelled: Project, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert export_labels(labelled, "folders", tmp_path / "empty").num_images == 14
        assert {item.name for item in (tmp_path / "empty").iterdir()} <= {"train", "val", "test"}

    def test_a_full_disk_leaves_no_table(self, labelled: Project, tmp_path: Path) -> None:
        out = tmp_path / "out"
        out.mkdir()
        for operation in range(1, 6):
            files.fail_at(operation)
            try:
                with pytest.raises(TLStudioError) as error:
                    export_labels(labelled, "csv", out / "labels.csv")
            finally:
                files.fail_at(None)
            assert error.value.title.id == "labels.disk"
            assert not list(out.iterdir())

    @pytest.mark.parametrize("empty_is_there", [False, True])
    def test_a_full_disk_leaves_no_folders(
        self, labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_is_there: bool
    ) -> None:
        out = tmp_path / "out"
        out.mkdir()
        if empty_is_there:
            (out / "set").mkdir()
        copied: list[object] = []

        def copyfileobj(read: io.BufferedReader, written: io.BufferedWriter) -> None:
            copied.append(written.write(read.read()))
            if len(copied) == 9:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr("tlstudio.operations.label_exports._placing.shutil.copyfileobj", copyfileobj)
        with pytest.raises(TLStudioError, match="No space left"):
            export_labels(labelled, "folders", out / "set")
        assert [item.name for item in out.rglob("*")] == (["set"] if empty_is_there else [])

    def test_a_disk_without_links(self, labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def link(source: Path, place: Path) -> None:
            raise OSError(18, "Invalid cross-device link", str(source))

        monkeypatch.setattr("tlstudio.operations.label_exports._placing.os.link", link)
        with pytest.raises(TLStudioError, match="without --link the images are copied"):
            export_labels(labelled, "folders", tmp_path / "set", link=True)
        assert not (tmp_path / "set").exists()

    @pytest.mark.parametrize("format", LABEL_EXPORTERS)
    def test_where_no_image_is_there_only_a_table_is_written(self, labelled: Project, tmp_path: Path, format: str) -> None:
        Path(labelled.dataset().roots[0].path).rename(tmp_path / "unplugged")
        if format == "csv":
            assert export_labels(labelled, format, tmp_path / "set").num_images == 15
            return
        with pytest.raises(TLStudioError, match="Connect the drive"):
            export_labels(labelled, format, tmp_path / "set")
        assert not (tmp_path / "set").exists()

    def test_nothing_to_export_and_nowhere_to_put_it(self, labelled: Project, project: Project, tmp_path: Path) -> None:
        with pytest.raises(TLStudioError, match="does not exist"):
            export_labels(labelled, "csv", tmp_path / "nowhere" / "labels.csv")
        with pytest.raises(TLStudioError, match="nothing to link"):
            export_labels(labelled, "csv", tmp_path / "labels.csv", link=True)
        with pytest.raises(TLStudioError, match="cannot be exported as runes"):
            export_labels(labelled, "runes", tmp_path / "labels.csv")
        empty = Project.create(tmp_path / "Empty")
        with pytest.raises(TLStudioError, match="no images yet"):
            export_labels(empty, "csv", tmp_path / "labels.csv")
        empty.close()


def test_the_command(tmp_path: Path, home: Path, make_images: MakeImages) -> None:
    tlstudio("new", tmp_path / "P", home=home)
    tlstudio("import", tmp_path / "P", make_images({"ants": 3, "bees": 3}), home=home)
    answer = tlstudio_json("labels", tmp_path / "P", "--format", "folders", "--out", tmp_path / "set", "--link", home=home)
    assert answer == {
        "target": str(tmp_path / "set"),
        "num_images": 6,
        "num_left_out": 0,
        "renamed": {},
        "renamed_groups": {},
        "losses": [],
    }
    told = tlstudio("labels", tmp_path / "P", "--format", "csv", "--out", tmp_path / "labels.csv", home=home).stdout
    assert told == f"Wrote 6 images to {tmp_path / 'labels.csv'}\n"
    refused = tlstudio("labels", tmp_path / "P", "--out", tmp_path / "labels.csv", home=home, expect=3)
    assert "already" in refused.stderr


@pytest.mark.parametrize("name", ["hymenoptera", "flowers5"])
def test_real_sets_come_back_as_they_were(name: str, shared: Path, tmp_path: Path) -> None:
    """Import, table, import, folders, import: the same classes, splits and groups of the same images."""
    source = tmp_path / name
    for file in (shared / "data" / name).rglob("*.jpg"):
        place = source / file.relative_to(shared / "data" / name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file)
    first = imported(tmp_path / "First", source)
    edits.rename_class(first, first.dataset().classes[0].id, "“Große” Ameise, rot; 50 %")
    export_labels(first, "csv", source / "labels.csv")
    second = imported(tmp_path / "Second", source)
    assert words(second, by_path=True) == words(first, by_path=True)
    assert second.settings().split_plan.given
    export_labels(second, "folders", tmp_path / "out")
    third = imported(tmp_path / "Third", tmp_path / "out")
    assert Counter(words(third, by_path=False)) == Counter(words(first, by_path=False))
    for project in (first, second, third):
        project.close()
