"""What the tests of operations share: a project with a few images, open for writing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded import make_project
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Iterator[Project]:
    made = make_project(tmp_path / "survey")
    yield made
    made.close()
