"""A project with all that one can hold, packed and not, and what of it a person could miss."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import make_project, record_run
from tests.unit.operations.test_importing_annotations import annotate
from tlstudio.domain.commands import SetGroups
from tlstudio.operations import edits
from tlstudio.operations.archiving import archive_project
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

NFD = "Ka\u0308fer"


@pytest.fixture(scope="module")
def full_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Linked images and copied ones, names that no zip carries, boxes, groups, notes, an image set aside, an edit undone, two runs."""
    place = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLSTUDIO_HOME", str(place / "home"))
        project = make_project(place / "Insects", num_per_class=10)
        more = place / "more" / "images"
        more.mkdir(parents=True)
        for number, name in enumerate(("plain.png", f"{NFD}.png", "back\\slash.png", "line\nend.png")):
            shutil.copy(place / "Insects images" / "ants" / f"ants_{number:03d}.png", more / name)
        annotate(more, ("plain.png", "ants", (1, 1, 5, 5)), ("plain.png", "bees", (2, 2, 5, 5)))
        import_data(project, more, copy=False)
        (place / "copied" / "wasps").mkdir(parents=True)
        shutil.copy(place / "Insects images" / "wasps" / "wasps_000.png", place / "copied" / "wasps" / "one.png")
        import_data(project, place / "copied", copy=True)
        samples = project.dataset().samples
        edits.set_note(project, [samples[0].id], "look again")
        project.apply(SetGroups(group_by_sample=dict.fromkeys([item.id for item in samples[:3]], "slide 1")))
        edits.set_aside(project, [samples[4].id])
        edits.set_note(project, [samples[1].id], "undone")
        project.undo()
        record_run(project, 1)
        record_run(project, 2)
        project.count_opening(run=1)
        project.close()
    return place


@pytest.fixture
def full(full_once: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of the project's folder; its linked images are those of the first."""
    opened = Project.open(shutil.copytree(full_once / "Insects", tmp_path / "Insects"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def packed_once(full_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("packed") / "Insects.tlarchive"
    with closing(Project.open(full_once / "Insects", writable=False)) as project:
        archive_project(project, file)
    return file


@pytest.fixture
def packed(packed_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(packed_once, tmp_path / "Insects.tlarchive"))


def everything(project: Project) -> dict[str, Any]:
    """All that a person could miss."""
    dataset = project.dataset()
    return {
        "samples": [
            (item.id, item.path, item.content_hash, item.state, item.reason, item.class_id, item.split, item.split_given)
            for item in dataset.samples
        ],
        "words": [(item.group, item.note) for item in dataset.samples],
        "bytes": [dataset.file_of(item).read_bytes() for item in dataset.samples],
        "classes": dataset.classes,
        "near": dataset.near_copies,
        "plan": dataset.plan,
        "regions": project.regions.of(),
        "runs": project.runs(),
        "run files": {
            item.relative_to(project.folder).as_posix(): item.read_bytes()
            for item in sorted((project.folder / "runs").rglob("*"))
            if item.is_file()
        },
        "settings": project.settings(),
        "openings": project.num_openings(),
        "undo": (project.undo_words, project.redo_words),
        "who": (project.id, project.name),
    }


def left(folder: Path) -> list[str]:
    return sorted(item.relative_to(folder).as_posix() for item in folder.rglob("*") if "home" not in item.relative_to(folder).parts)


@contextmanager
def files_of_at_most(num_bytes: int) -> Iterator[None]:
    """As on a disk that is full then: the system refuses to write on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
