"""A run that failed with a checkpoint can be continued from the Train panel, where it says why it failed and in its menu."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob
from tlstudio.domain.events import CheckpointSaved, Failed, Started, Validated
from tlstudio.messages import message
from tlstudio.operations import training
from tlstudio.project.project import Project

FULL = Failed(title=message("job.disk_full", "The disk is full."), hint=message("job.disk_full.hint", "Free some space."))


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()


def full_disk(project: Project) -> ReplayedJob:
    """Run 1, which found no room for its second checkpoint."""
    job = ReplayedJob(project, 1, "balanced")
    for _ in range(4):
        job.play(until=Validated)
    job.write(CheckpointSaved(step=24, file="checkpoints/last-00000024.safetensors", hash="0", is_best=False))
    job.write(FULL)
    job.die()
    return job


def menu_of(studio: Studio) -> list[str]:
    menu = QMenu(studio.panel)
    studio.panel.on_menu(1, menu)
    return [action.text() for action in menu.actions()]


def test_it_says_that_it_can_go_on_and_goes_on(studio: Studio) -> None:
    studio.open(full_disk)
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert notice.title.text() == "Run 1 failed: The disk is full."
    assert notice.hint.text().startswith("Free some space. Its last checkpoint is safe, and the run goes on from there.")
    assert notice.action.text() == "Continue"
    assert "Continue" in menu_of(studio)
    resumed = []

    def resume(_project: Project, number: int, **_more: object) -> ReplayedJob:
        resumed.append(number)
        studio.kept.write(Started(attempt=2, pid=1))
        return studio.kept

    studio.monkeypatch.setattr(training, "resume_run", resume)
    studio.click(notice.action)
    studio.wait(lambda: resumed == [1])
    studio.wait(lambda: "failed" not in notice.title.text())


def test_without_a_checkpoint_there_is_nothing_to_go_on_with(studio: Studio) -> None:
    def failed(project: Project) -> None:
        job = ReplayedJob(project, 1, "failed")
        job.finish()

    studio.open(failed)
    studio.wait(studio.panel.run_notice.isVisible)
    assert not studio.panel.run_notice.action.isVisible()
    assert "Continue" not in menu_of(studio)
