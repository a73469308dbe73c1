"""A run's network is offered to other projects from the menu of the run, or it is said why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kept_runs import write_checkpoint
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.replayed_job import finished_run
from tlstudio.project.project import Project


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    studio = Studio(qtbot, tmp_path / "Insects", monkeypatch)
    yield studio
    studio.close()


def _finished(project: Project, *, step: int) -> Path:
    finished_run(project, 1, "quick")
    run = project.folder / "runs" / "0001"
    summary = project.runs()[0].summary
    assert summary is not None
    return write_checkpoint(run, file=run / summary.checkpoint, step=step)


def _keep(studio: Studio) -> None:
    menu = QMenu()
    studio.panel.on_menu(1, menu)
    next(action for action in menu.actions() if action.text() == "Keep as weights for other projects").trigger()


def test_the_network_of_a_run_is_kept_and_the_window_says_as_what(studio: Studio) -> None:
    studio.open(lambda project: _finished(project, step=12))
    _keep(studio)
    studio.wait(lambda: "Models has it now as test_resnet (Insects, run 1), for every project." in studio.said)
    studio.wait(lambda: "test_resnet (Insects, run 1)" in [card.name for card in studio.workspace.networks.cards])


def test_a_network_that_has_not_changed_is_not_kept_and_the_panel_says_why(studio: Studio) -> None:
    studio.open(lambda project: _finished(project, step=0))
    _keep(studio)
    studio.wait(lambda: "has the network as it came" in studio.panel.notice.title.text())
    assert not [card for card in studio.workspace.networks.cards if not card.bundled]
