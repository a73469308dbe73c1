"""F03 of a person who labels: 500 images by keyboard in the real window, which is killed again and again; no acknowledged label is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from blake3 import blake3

from tests.faults.labelling_process import CLASSES, key_of
from tests.real_jobs import environment, tlstudio
from tests.recorded import picture, store_thumbnails
from tlstudio.domain.samples import NewSample
from tlstudio.operations import edits
from tlstudio.project.project import Project

NUM_IMAGES = 500
REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "tests/faults/labelling_process.py"


@pytest.fixture
def unlabelled(tmp_path: Path) -> Path:
    """A closed project of three classes, in which no image has one."""
    images = tmp_path / "photos"
    images.mkdir()
    new = []
    for number in range(NUM_IMAGES):
        data, path = picture(number % 3, number), f"image_{number:03d}.png"
        (images / path).write_bytes(data)
        new.append(NewSample(path=path, content_hash=blake3(data).hexdigest(), width_px=48, height_px=48, format="PNG"))
    project = Project.create(tmp_path / "Particles")
    project.add_samples(project.add_root(images, copied=False), new, given_splits=False)
    store_thumbnails(project, images)
    for name in CLASSES:
        edits.add_class(project, name)
    project.close()
    return project.folder


@contextmanager
def window(project: Path, num: int, home: Path) -> Iterator["subprocess.Popen[str]"]:
    """The window, labelling at most `num` images; killed at the end, whatever happens."""
    surroundings = environment(home) | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(project), str(num)], env=surroundings, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def labels(project: Path) -> dict[int, str]:
    """What the next one finds: the class of each labelled image. Each must be the one that was pressed for it."""
    opened = Project.open(project)
    try:
        assert opened.writable
        assert opened.notices == (), "nothing had to be restored"
        dataset = opened.dataset()
        found = {sample.id: dataset.class_by_id[sample.class_id].name for sample in dataset.samples if sample.class_id is not None}
        assert found == {id: CLASSES[key_of(dataset.by_id[id].name) - 1] for id in found}
        return found
    finally:
        opened.close()


@pytest.mark.timeout(900)
def test_every_label_that_was_acknowledged_is_there(unlabelled: Path, home: Path) -> None:
    chance = random.Random(500)
    # After so many labels each, and a moment that falls where it will; the last window has labelled everything when it is killed.
    moments = sorted(chance.sample(range(20, NUM_IMAGES - 20), 3))
    acknowledged: dict[int, str] = {}
    for moment in (*moments, NUM_IMAGES):
        with window(unlabelled, NUM_IMAGES, home) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"ready {NUM_IMAGES - len(acknowledged)}\n"
            while len(acknowledged) < moment:
                acknowledged |= _read(process.stdout.readline())
            if moment < NUM_IMAGES:
                time.sleep(chance.uniform(0.0, 0.1))
            os.kill(process.pid, signal.SIGKILL)
            for line in process.stdout.readlines():
                if line.endswith("\n"):
                    acknowledged |= _read(line)
        found = labels(unlabelled)
        assert acknowledged.items() <= found.items()
        acknowledged = found  # a label may reach the disk in the very moment in which nobody is told any more
    assert len(found) == NUM_IMAGES
    assert tlstudio("check", unlabelled, home=home).stdout.startswith("Everything is whole")


def _read(line: str) -> dict[int, str]:
    id, name = line.split()
    return {int(id): name}
