"""What memory a training needs is said before it starts; one whose network cannot even be loaded is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded import make_project
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import numbers
from tlstudio.jobs.launch import StartedJob
from tlstudio.operations import devices, training
from tlstudio.project.project import Project

BALANCED = RECIPES["balanced"].build(NetworkPart(architecture="resnet50"))
"""25 million parameters: 0.9 GB to be loaded, and more than 2 GB with the activations of 32 images."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    def launch(folder: Path, *, warm: object = None, notes: tuple[object, ...] = ()) -> StartedJob:
        return StartedJob(number=int(folder.name), folder=folder, process=None, notes=notes)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "launch", launch)
    monkeypatch.setattr(devices, "graphics_cards", tuple)
    project = make_project(tmp_path / "Insects")
    yield project
    project.close()


def free_memory(monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    info = devices.DeviceInfo(id="cpu", name="CPU", memory_bytes=int(64e9), free_bytes=int(gigabytes * 2**30))
    monkeypatch.setattr(devices, "cpu", lambda: info)


def test_enough_memory_is_not_worth_a_word(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    free_memory(monkeypatch, 32)
    assert not [note for note in training.start_training(project, BALANCED).notes if "memory" in note.text()]


def test_too_little_is_told_with_figures_and_it_starts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    free_memory(monkeypatch, 1.0)
    note = training.start_training(project, BALANCED).notes[0].text()
    assert "1.0 GB are free" in note
    assert "smaller batch" in note


def test_a_network_that_cannot_even_be_loaded_is_refused_and_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    free_memory(monkeypatch, 0.5)
    with pytest.raises(TLStudioError) as refused:
        training.start_training(project, BALANCED)
    assert "resnet50 needs 0.9 GB of memory" in refused.value.title.text()
    assert "0.5 GB are free" in refused.value.title.text()
    assert numbers(project.folder / "runs") == []
