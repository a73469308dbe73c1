"""The table of runs in the Train panel: selecting, comparing, sorting, removing. Jobs replay recorded journals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob, finished_run
from tlstudio.domain.events import Started, StepTrained
from tlstudio.project.project import Project
from tlstudio.ui.train.curve_kinds import TRAINING


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()


def test_a_run_is_discarded_only_after_the_question(studio: Studio) -> None:
    studio.open(lambda project: finished_run(project, 1, "quick"))
    panel = studio.panel
    menu = QMenu()
    panel.on_menu(1, menu)
    remove = next(action for action in menu.actions() if action.text().startswith("Remove"))
    remove.trigger()
    box = panel.findChild(QMessageBox)
    assert "cannot be brought back" in box.informativeText()
    cancel = next(button for button in box.buttons() if button.text() == "Cancel")
    studio.qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert (studio.folder / "runs/0001").exists()
    studio.qtbot.wait(50)
    remove.trigger()
    box = next(item for item in panel.findChildren(QMessageBox) if item.isVisible())
    agree = next(button for button in box.buttons() if button.text() != "Cancel")
    studio.qtbot.mouseClick(agree, Qt.MouseButton.LeftButton)
    studio.wait(lambda: not panel.model.board.runs)
    assert not (studio.folder / "runs/0001").exists()
    assert panel.table.empty.isVisible()


def test_discarding_a_run_that_trains_says_that_it_stops(studio: Studio) -> None:
    studio.start_until_it_can_be_paused()
    studio.qtbot.mouseClick(studio.panel.header.discard, Qt.MouseButton.LeftButton)
    box = studio.panel.findChild(QMessageBox)
    assert box.text() == "Discard run 1?"
    assert box.informativeText().startswith("Its training stops.")
    assert "Discard run 1" in [button.text() for button in box.buttons()]
    box.reject()


def test_a_ticked_run_lies_beside_the_selected_one(studio: Studio) -> None:
    def two(project: Project) -> None:
        finished_run(project, 1, "balanced", weights_name="ResNet-18")
        finished_run(project, 2, "quick")
        finished_run(project, 3, "balanced")

    studio.open(two)
    panel = studio.panel
    assert panel.model.board.selected == 3
    balanced = panel.curves.right
    studio.wait(lambda: balanced.legend.labels() == ["validation", "run 1, best other"])
    place = panel.table.model.place_of(2)
    check = panel.table.model.index(place, 0)
    panel.table.model.setData(check, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    studio.wait(lambda: len(balanced.series("run 2")) == 2)
    assert balanced.legend.labels() == ["run 3", "run 1, best other", "run 2"]
    assert check.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    panel.table.model.setData(check, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert balanced.legend.labels() == ["validation", "run 1, best other"]


def test_selecting_a_run_shows_its_curves(studio: Studio) -> None:
    def two(project: Project) -> None:
        finished_run(project, 1, "balanced")
        finished_run(project, 2, "quick")

    studio.open(two)
    panel = studio.panel
    studio.wait(lambda: studio.num_points(panel.curves.left, TRAINING) == 60)
    place = panel.table.model.place_of(1)
    where = panel.table.view.visualRect(panel.table.model.index(place, 1)).center()
    studio.qtbot.mouseClick(panel.table.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    studio.wait(lambda: studio.num_points(panel.curves.left, TRAINING) == 148)
    assert panel.header.evaluate.text() == "Evaluate run 1"


def test_the_table_sorts_by_a_figure(studio: Studio) -> None:
    def three(project: Project) -> None:
        finished_run(project, 1, "balanced")
        finished_run(project, 2, "quick")
        finished_run(project, 3, "failed")

    studio.open(three)
    assert [studio.cell(row, "run") for row in range(3)] == ["Run 3", "Run 2", "Run 1"]
    studio.panel.table.view.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert [studio.cell(row, "run") for row in range(3)] == ["Run 1", "Run 2", "Run 3"]
    assert studio.panel.table.view.currentIndex().row() == 2


def test_what_can_be_done_fits_to_how_a_run_stands(studio: Studio) -> None:
    studio.open(lambda project: (finished_run(project, 1, "quick"), _interrupted(project, 2)))
    studio.wait(lambda: 2 in studio.panel.model.board.states)

    def words(number: int) -> list[str]:
        menu = QMenu()
        studio.panel.on_menu(number, menu)
        return [action.text() for action in menu.actions() if action.text()]

    assert words(1) == ["Keep as weights for other projects", "Use these settings", "Show folder", "Remove…"]
    assert words(2) == ["Continue", "Use these settings", "Show folder", "Remove…"]
    menus: list[int] = []
    studio.panel.table.menu_wanted.connect(lambda number, _menu: menus.append(number))
    place = studio.panel.table.view.visualRect(studio.panel.table.model.index(0, 1)).center()
    studio.panel.table.view.customContextMenuRequested.emit(QPoint(place))
    assert menus == [2]
    for menu in studio.panel.table.findChildren(QMenu):
        menu.close()


def _interrupted(project: Project, number: int) -> None:
    job = ReplayedJob(project, number, "balanced")
    job.play(until=Started)
    job.play(until=StepTrained)
    job.die()
