"""A project with a few images that need not exist: the database does not open them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tlstudio.domain.samples import NewSample
from tlstudio.project.project import Project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Insect survey"


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    """Two classes, ants (samples 1-3) and bees (4-6), no splits."""
    project = Project.create(folder)
    root = project.add_root(folder.parent / "photos", copied=False)
    project.add_samples(root, [found(name, number) for name in ("ants", "bees") for number in range(3)], given_splits=False)
    yield project
    project.close()


def found(place: str, number: int, **other: object) -> NewSample:
    """A file as an import hands it over."""
    values: dict[str, object] = {
        "path": f"{place}/{number}.jpg",
        "content_hash": f"{place}{number}",
        "width_px": 40,
        "height_px": 30,
        "format": "JPEG",
        "class_name": place,
    }
    return NewSample(**{**values, **other})  # type: ignore[arg-type]
