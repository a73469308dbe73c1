"""What the tests of the engine share: images of two classes, and an exporter that starts no thread."""

from pathlib import Path

import pytest

from tests.conftest import MakeImages


@pytest.fixture(autouse=True)
def no_watching_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's exporter draws progress bars, which start a thread for the life of the process."""
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    """Few; a test that needs other ones makes them."""
    return make_images({"bars": 12, "discs": 12})
