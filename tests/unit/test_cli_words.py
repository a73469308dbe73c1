"""What the terminal answers to a small mistake: the thing to do instead; and numbers in sentences that read well."""

import shutil
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.real_jobs import tlstudio, tlstudio_json
from tlstudio.cli.terminal import counted
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.operations import edits
from tlstudio.operations.archiving import archive_project
from tlstudio.operations.importing import import_data
from tlstudio.operations.unarchiving import unarchive_project
from tlstudio.project.project import Project


@pytest.fixture
def folder(tmp_path: Path, make_images: MakeImages) -> Path:
    with closing(Project.create(tmp_path / "Ants")) as project:
        import_data(project, make_images({"ants": 1}))
    return tmp_path / "Ants"


def test_a_table_alone_is_told_to_come_with_its_folder(folder: Path, tmp_path: Path, home: Path) -> None:
    (tmp_path / "images" / "labels.csv").write_text("path,label\nants/ants_000.png,ant\n")
    refused = tlstudio("import", folder, tmp_path / "images" / "labels.csv", home=home, expect=3).stderr
    assert "labels.csv cannot be imported by itself" in refused
    assert f"give the folder it lies in: {tmp_path / 'images'}" in refused
    assert "1 files" not in refused


def test_a_packed_project_is_not_imported_but_taken_out(folder: Path, tmp_path: Path, home: Path) -> None:
    with closing(Project.open(folder, writable=False)) as project:
        archive_project(project, tmp_path / "A b.tlarchive")
    refused = tlstudio("import", folder, tmp_path / "A b.tlarchive", home=home, expect=3).stderr
    assert f"tlstudio unarchive '{tmp_path / 'A b.tlarchive'}'" in refused


def test_a_zip_of_images_is_no_packed_project_and_nothing_of_it_is_unpacked(
    tmp_path: Path, make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "data"), "zip", make_images({"ants": 2})))
    monkeypatch.setattr("tlstudio.operations.unarchiving.unpacked", lambda *_args, **_options: pytest.fail("it was unpacked"))
    with pytest.raises(TLStudioError, match="tlstudio import") as error:
        unarchive_project(archive, tmp_path / "Back")
    assert error.value.title.id == "archive.not_one"


def test_a_damaged_archive_names_what_is_damaged_in_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "Ants.tlarchive"
    with closing(Project.open(folder, writable=False)) as project:
        archive_project(project, file)
    with zipfile.ZipFile(file) as archive:
        image = next(info for info in archive.infolist() if info.filename.endswith(".png"))
    data = bytearray(file.read_bytes())
    data[image.header_offset + 200] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(TLStudioError) as error:
        unarchive_project(file, tmp_path / "Back")
    assert "ants/ants_000.png" in error.value.title.text()


def test_a_folder_that_is_not_there_gets_no_file_of_its_name(folder: Path, tmp_path: Path, home: Path) -> None:
    refused = tlstudio("archive", folder, "--out", f"{tmp_path}/newdir/", home=home, expect=3).stderr
    assert f"The folder {tmp_path / 'newdir'} does not exist." in refused
    assert not (tmp_path / "newdir").exists()
    told = tlstudio("archive", folder, "--out", tmp_path, home=home).stdout
    assert told.startswith(f"Packed 1 image and 0 runs into {tmp_path / 'Ants.tlarchive'} (")


def test_an_import_says_what_waits_for_a_label_and_what_lies_on_both_sides(tmp_path: Path, make_images: MakeImages, home: Path) -> None:
    source = make_images({"ants": 2, "bees": 2})
    shutil.copy(source / "ants" / "ants_000.png", source / "ants" / "again.png")
    rows = ("ants/ants_000.png,ant,train", "ants/again.png,ant,val", "bees/bees_000.png,bee,train", "bees/bees_001.png,bee,val")
    (source / "labels.csv").write_text("path,label,split\n" + "\n".join(rows) + "\n")
    tlstudio("new", tmp_path / "P", home=home)
    lines = tlstudio("import", tmp_path / "P", source, home=home).stdout.splitlines()
    assert "  without a label: 1" in lines
    assert any(line.startswith("1 val image: copies, near copies or of one group") and "--mend-leaks" in line for line in lines)
    with closing(Project.open(tmp_path / "P")) as project:
        again = next(item.id for item in project.dataset().samples if item.name == "again.png")
        edits.set_split(project, [again], Split.TRAIN)
    answer = tlstudio_json("import", tmp_path / "P", source, home=home)
    assert (answer["num_unlabelled"], answer["shared_with_training"]) == (1, {})


def test_dicom_is_named_among_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "read me.md").write_text("nothing")
    with closing(Project.create(tmp_path / "P")) as project, pytest.raises(TLStudioError, match="DICOM can be read"):
        import_data(project, tmp_path / "notes")


def test_one_is_one() -> None:
    assert [counted(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
