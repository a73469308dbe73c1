"""A file that could not be read is tried again by one press, and takes its place as if it had been sound from the start."""

import shutil
from pathlib import Path

from tests.conftest import MakeImages
from tlstudio.domain.findings import Finding, Fix
from tlstudio.operations.health import findings, fix
from tlstudio.operations.importing import import_data
from tlstudio.operations.looks import not_looked_at
from tlstudio.operations.thumbnails import thumbnail_store
from tlstudio.project.project import Project


def unreadable(project: Project) -> Finding | None:
    return next((finding for finding in findings(project) if finding.check == "unreadable"), None)


def test_what_can_be_read_now_takes_part(tmp_path: Path, make_images: MakeImages) -> None:
    folder = make_images({"discs": 12, "bars": 12})
    sound = {name: (folder / name).read_bytes() for name in ("discs/discs_003.png", "bars/bars_001.png")}
    for name, data in sound.items():
        (folder / name).write_bytes(data[:60])
    project = Project.create(tmp_path / "Particles")
    try:
        import_data(project, folder)
        before = {sample.path: sample for sample in project.dataset().samples if sample.path not in sound}
        finding = unreadable(project)
        assert finding is not None
        assert (len(finding.samples), finding.fix) == (2, Fix.READ_AGAIN)

        change = fix(project, finding)
        assert change.words is not None
        assert change.words.text() == "None of 2 can be read yet"
        assert unreadable(project) == finding

        (folder / "discs" / "discs_003.png").write_bytes(sound["discs/discs_003.png"])
        change = fix(project, finding)
        assert change.words is not None
        assert change.words.text() == "1 of 2 can be read now"
        by_path = {sample.path: sample for sample in project.dataset().samples}
        back = by_path.pop("discs/discs_003.png")
        assert back.reason is None
        assert back.class_id == by_path["discs/discs_002.png"].class_id
        assert back.split is not None
        assert (back.width_px, back.format) == (64, by_path["discs/discs_002.png"].format)
        assert {path: sample for path, sample in by_path.items() if path not in sound} == before, "nothing else is touched"
        assert not_looked_at(project) == {}
        with thumbnail_store(project) as store:
            assert store.get(back.content_hash)
        again = unreadable(project)
        assert again is not None
        assert [project.dataset().by_id[id].name for id in again.samples] == ["bars_001.png"]
    finally:
        project.close()


def test_files_that_are_away_keep_a_reason(tmp_path: Path, make_images: MakeImages) -> None:
    folder = make_images({"discs": 3, "bars": 3})
    (folder / "discs" / "discs_000.png").write_bytes(b"")
    project = Project.create(tmp_path / "Particles")
    try:
        import_data(project, folder)
        finding = unreadable(project)
        assert finding is not None
        shutil.rmtree(folder)
        fix(project, finding)
        [aside] = project.dataset().set_aside
        assert aside.reason is not None
        assert aside.reason.text()
        assert len(project.dataset().ready) == 5, "those that were read before stay"
    finally:
        project.close()
