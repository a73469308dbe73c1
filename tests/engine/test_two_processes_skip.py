"""Two processes: images that the second one cannot use are counted, said and limited as if the first had met them."""

import shutil
from pathlib import Path

import pytest

from tests.engine.crews import MARKS, Start, ended, recipe, with_hook
from tests.engine.folders import manifest_of, write_training
from tests.real_jobs import wait_for
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split

pytestmark = MARKS

OWN_IMAGES = """
import os
if os.environ.get("RANK"):
    from tlstudio.engine.data import pixel_cache
    pixel_cache._room = lambda _place: 0
if os.environ.get("RANK") == "1":
    from dataclasses import replace
    import msgspec
    from tlstudio.engine import helping

    honest = helping.read_job

    def read_job(*given, **how):
        job = honest(*given, **how)
        return replace(job, environment=msgspec.structs.replace(job.environment, roots={"1": os.environ["OWN"]}))

    helping.read_job = read_job
"""
"""Every epoch reads the files; the second process has a folder of its own."""


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20})


def paths(manifest: Manifest, split: Split) -> list[str]:
    return [entry.path for entry in manifest.entries if entry.split is split]


def test_what_the_second_process_cannot_use_is_counted_and_said(images: Path, tmp_path: Path, start: Start) -> None:
    own, manifest = tmp_path / "own", manifest_of(images)
    shutil.copytree(images, own)
    of_second = paths(manifest, Split.VAL)[1::2]
    for path in (*paths(manifest, Split.TRAIN)[:3], of_second[0]):
        (own / path).unlink()
    folder = write_training(tmp_path / "project", recipe(), manifest, images=images)
    state = ended(start(folder, **with_hook(tmp_path / "hooks", OWN_IMAGES), OWN=str(own)), folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 1)
    said = [warning for warning in state.warnings if warning.id == "images.skipped"]
    assert said[-1].text().startswith("4 of 40 images could not be used and were skipped, the first because: ")


def test_too_many_that_either_of_them_cannot_use_are_waited_for_together(images: Path, tmp_path: Path, start: Start) -> None:
    """Neither of them alone has as many as a run can do without."""
    own, manifest = tmp_path / "own", manifest_of(images)
    shutil.copytree(images, own)
    trained = paths(manifest, Split.TRAIN)
    for path in trained[:5]:
        (images / path).rename(tmp_path / path.replace("/", "-"))
    for path in trained[5:11]:
        (own / path).unlink()
    folder = write_training(tmp_path / "project", recipe(), manifest, images=images)
    launcher = start(folder, **with_hook(tmp_path / "hooks", OWN_IMAGES), OWN=str(own))
    state = wait_for(folder, lambda state: state.status is Status.PAUSED and state.waits_for is not None)
    assert state.waits_for is not None
    assert state.waits_for.text().startswith("Reading stopped when 9 of the 40 images had turned out to be unusable")
    for path in trained[5:11]:
        shutil.copy(images / path, own / path)
    state = ended(launcher, folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 1)
