"""The Train panel on a project, for the tests of it; jobs replay recorded journals."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tests.replayed_job import Launches, ReplayedJob
from tlstudio.domain.events import Validated
from tlstudio.domain.recipe import Recipe
from tlstudio.operations import queueing, training
from tlstudio.project.project import Project
from tlstudio.ui.plots.live_plot import LivePlot
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.widgets.two_lines import SECOND_LINE_ROLE
from tlstudio.ui.workspace import Workspace


class Studio:
    """The Train panel on a project in a window, as the shell opens it."""

    def __init__(self, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.workspace = Workspace()
        self.said: list[str] = []
        self.shown: list[str] = []
        self.rail: dict[str, tuple[str, str]] = {}
        self.jobs: list[ReplayedJob] = []
        self.recipes: list[Recipe] = []
        changes = self.workspace.changes
        changes.said.connect(self.said.append)
        changes.show_panel.connect(self.shown.append)
        changes.rail_changed.connect(lambda panel, line, mark: self.rail.update({panel: (line, mark)}))

    def open(self, prepare: Callable[[Project], object] = lambda _project: None) -> None:
        project = make_project(self.folder)
        self.kept = prepare(project)
        project.close()
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(self.folder)
        self.panel = TrainPanel(self.workspace)
        self.qtbot.addWidget(self.panel)
        self.panel.resize(1200, 820)
        self.panel.show()
        self.wait(lambda: self.panel.model.choice.network is not None)

    def reopen(self, folder: Path | None = None) -> None:
        """As a person does: back to the start page, then opened again, where it is now."""
        self.workspace.close_project()
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(folder or self.folder)

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()))

    def replay(self, name: str) -> None:
        """From now on "Start training" starts a job that replays a recorded journal."""

        def start(project: Project, recipe: Recipe, **_more: object) -> ReplayedJob:
            job = ReplayedJob(project, len(self.jobs) + 1, name, recipe=recipe, weights_name="MobileNetV4 small")
            self.jobs.append(job)
            self.recipes.append(recipe)
            return job

        self.monkeypatch.setattr(training, "start_training", start)

    def replay_queue(self, name: str) -> None:
        """From now on a run whose turn in the queue comes replays a recorded journal."""

        def launch(folder: Path, *, warm: object = None) -> ReplayedJob:
            assert self.workspace.project is not None
            self.jobs.append(Launches(self.workspace.project, name)(folder))
            return self.jobs[-1]

        self.monkeypatch.setattr(queueing, "launch", launch)

    def start(self) -> ReplayedJob:
        """Press the button and wait until the run is in the table."""
        before = len(self.jobs)
        self.click(self.panel.header.start)
        self.wait(lambda: len(self.jobs) > before and self.panel.model.board.runs)
        return self.jobs[-1]

    def start_own(self, number: int, name: str = "quick") -> ReplayedJob:
        """A run that is out of the queue's turn, by the button."""

        def start(project: Project, recipe: Recipe, **_more: object) -> ReplayedJob:
            self.jobs.append(ReplayedJob(project, number, name, recipe=recipe))
            return self.jobs[-1]

        self.monkeypatch.setattr(training, "start_training", start)
        self.click(self.panel.header.start)
        self.wait(lambda: self.panel.model.board.active is not None)
        return self.jobs[-1]

    def start_until_it_can_be_paused(self) -> ReplayedJob:
        """A *Balanced* run a few looks at validation on."""
        self.open()
        self.replay("balanced")
        job = self.start()
        for _ in range(3):
            job.play(until=Validated)
        pause = self.panel.header.pause
        self.wait(lambda: pause.isVisible() and pause.isEnabled())
        return job

    def click(self, button: QPushButton) -> None:
        assert button.isVisible()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def num_points(self, plot: LivePlot, curve: str) -> int:
        return len(plot.series(curve))

    def cell(self, row: int, column: str) -> str:
        """What the run table shows; the recipe stands below the model's name, and the state is told whole under the mouse."""
        from tlstudio.ui.train.run_table_model import COLUMNS

        place = next(index for index, item in enumerate(COLUMNS) if item.key == ("model" if column == "recipe" else column))
        index = self.panel.table.model.index(row, place)
        if column == "recipe":
            return index.data(SECOND_LINE_ROLE)
        return index.data(Qt.ItemDataRole.ToolTipRole) if column == "state" else index.data()

    def subject(self) -> str:
        return self.panel.header.row.subject.whole_text()

    def close(self) -> None:
        for job in self.jobs:
            job.die()
        self.workspace.close()
