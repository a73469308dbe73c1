"""What the fault tests share: a project that real processes work on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.faults.nursery_process import Nursery
from tests.real_jobs import end_processes_of, tlstudio


@pytest.fixture
def project(tmp_path: Path, home: Path, make_images: MakeImages) -> Iterator[Path]:
    """Two classes of stripes; whatever still runs in it afterwards is ended."""
    folder = tmp_path / "Stripes"
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, make_images({"bars": 20, "discs": 20}), home=home)
    yield folder
    end_processes_of(folder)


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Starts jobs in no time."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery") / "log.txt")
    yield nursery
    nursery.close()
