"""Every image is looked at once: at its import, or in the background where an earlier version imported it."""

import shutil
from pathlib import Path

import apsw
import msgspec
import numpy as np
import pytest
from PIL import Image

from tests.conftest import MakeImages
from tlstudio.datasets import decoder
from tlstudio.datasets.fingerprints import FINGERPRINT_VERSION
from tlstudio.datasets.quality import QUALITY_VERSION, quality_of
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.quality import ImageQuality
from tlstudio.operations import intensity
from tlstudio.operations.importing import import_data
from tlstudio.operations.looks import Looked, look_at_missing, not_looked_at
from tlstudio.project import layout
from tlstudio.project.project import Project


@pytest.fixture
def folder(tmp_path: Path, make_images: MakeImages) -> Path:
    """A project of ten images."""
    project = Project.create(tmp_path / "Particles")
    import_data(project, make_images({"discs": 5, "bars": 5}))
    project.close()
    return project.folder


def measured(project: Project) -> dict[str, ImageQuality]:
    return project.look_alikes.qualities(QUALITY_VERSION)


def as_of_version_2(folder: Path) -> None:
    """The project as the version before wrote it: compared, never measured."""
    connection = apsw.Connection(str(folder / layout.DATABASE))
    connection.execute(
        "DROP TABLE qualities; ALTER TABLE runs DROP COLUMN judged_on; ALTER TABLE runs DROP COLUMN ended_early;"
        "ALTER TABLE runs DROP COLUMN pruned; PRAGMA user_version = 2"
    )
    connection.close()


def test_an_import_measures_each_image_without_a_second_look(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.open(folder)
    try:
        dataset = project.dataset()
        with Image.open(dataset.file_of(dataset.samples[3])) as image:
            assert measured(project)[dataset.samples[3].content_hash] == quality_of(image.convert("RGB"))
        assert measured(project).keys() == {sample.content_hash for sample in dataset.samples}
        monkeypatch.setattr(decoder.DecoderPool, "inspect", lambda *_arguments, **_more: pytest.fail("decoded again"))
        assert look_at_missing(project) == Looked()
    finally:
        project.close()


def test_an_older_project_is_measured_and_what_it_knew_is_kept(folder: Path) -> None:
    project = Project.open(folder)
    before, fingerprints = measured(project), project.look_alikes.fingerprints(FINGERPRINT_VERSION)
    project.close()
    as_of_version_2(folder)
    project = Project.open(folder)
    try:
        assert (measured(project), len(not_looked_at(project)), not_looked_at(project, for_leaks=True)) == ({}, 10, {})
        assert look_at_missing(project, for_leaks=True) == Looked(), "training does not wait for what no leak depends on"
        assert look_at_missing(project) == Looked(num_seen=10)
        assert measured(project) == before
        assert project.look_alikes.fingerprints(FINGERPRINT_VERSION) == fingerprints
    finally:
        project.close()


def test_what_was_measured_by_an_older_rule_is_measured_again(folder: Path) -> None:
    project = Project.open(folder)
    try:
        before = measured(project)
        old = {name: msgspec.structs.replace(item, version=QUALITY_VERSION - 1, contrast=1.0) for name, item in before.items()}
        project.look_alikes.add({}, [], version=FINGERPRINT_VERSION, qualities=old)
        assert measured(project) == {}
        look_at_missing(project)
        assert measured(project) == before
    finally:
        project.close()


def test_files_that_are_away_are_looked_at_another_time(folder: Path, tmp_path: Path) -> None:
    as_of_version_2(folder)
    shutil.move(tmp_path / "images" / "bars", tmp_path / "bars away")
    project = Project.open(folder)
    try:
        assert look_at_missing(project).num_seen == 5
        assert len(not_looked_at(project)) == 5
    finally:
        project.close()


def test_deep_images_are_measured_as_they_are_shown(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 900, (40, 40)).astype(np.uint16)
    (tmp_path / "scans" / "a").mkdir(parents=True)
    Image.fromarray(values).save(tmp_path / "scans" / "a" / "faint.png")
    Image.fromarray(values.astype(np.uint8)).save(tmp_path / "scans" / "a" / "photo.png")
    project = Project.create(tmp_path / "Scans")
    try:
        import_data(project, tmp_path / "scans")
        intensity.set_rule(project, IntensityRule())
        look_at_missing(project)
        by_name = {sample.name: sample.content_hash for sample in project.dataset().samples}
        assert measured(project)[by_name["faint.png"]].brightest < 5
        intensity.set_rule(project, IntensityRule(kind="window", low=0, high=900))
        assert look_at_missing(project).num_seen == 1, "what is not deep looks as it did"
        assert measured(project)[by_name["faint.png"]].brightest > 200
    finally:
        project.close()
