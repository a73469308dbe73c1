"""What the tests of the window share: the real shell over real projects; jobs are recorded ones, so torch is never needed."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import PATIENCE_MS
from tests.gui.train_studio import Studio
from tests.recorded import make_project
from tlstudio.domain.imports import ImportReport
from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.errors import ClosedMeanwhileError
from tlstudio.operations import importing
from tlstudio.project.project import Project
from tlstudio.ui.app import build_application, open_window
from tlstudio.ui.data.panel import DataPanel
from tlstudio.ui.shell import Shell


class Window:
    """The window as a person meets it."""

    def __init__(self, qtbot: QtBot, shell: Shell) -> None:
        self.qtbot = qtbot
        self.shell = shell
        self.workspace = shell.workspace
        self.said: list[str] = []
        self.failures: list[object] = []
        self.workspace.changes.said.connect(self.said.append)
        self.workspace.changes.failed.connect(self._on_failed)

    def _on_failed(self, error: object) -> None:
        if not isinstance(error, ClosedMeanwhileError):  # of which the window says nothing
            self.failures.append(error)

    @property
    def data(self) -> DataPanel:
        panel = self.shell.panels.panel("data")
        assert isinstance(panel, DataPanel)
        return panel

    def open(self, project: Path) -> DataPanel:
        """Open a project and wait for its images to be in the grid."""
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.shell.open_path(project)
        self.wait_shown(lambda num: num > 0)
        return self.data

    def wait_shown(self, wanted: Callable[[int], bool]) -> None:
        """Wait until the grid shows a number of images, and nothing is on its way."""
        self.until(lambda: wanted(len(self.data.grid.state.ids)) and self.workspace.background.is_idle)

    def until(self, condition: Callable[[], bool], timeout: int = PATIENCE_MS) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout)

    def idle(self) -> None:
        """Wait until nothing is under way."""
        self.until(lambda: self.workspace.background.is_idle)

    def press(self, key: Qt.Key, *, on: QWidget | None = None, shift: bool = False, control: bool = False) -> None:
        """Hit a key on the grid, or on another widget."""
        modifier = Qt.KeyboardModifier.NoModifier
        if shift:
            modifier |= Qt.KeyboardModifier.ShiftModifier
        if control:
            modifier |= Qt.KeyboardModifier.ControlModifier
        widget = on or self.data.grid
        widget.setFocus()
        self.qtbot.keyClick(widget, key, modifier)


@pytest.fixture
def window(qtbot: QtBot, home: Path) -> Iterator[Window]:
    """An open window on its start page, painted and at rest, without a warm worker."""
    application = build_application(["tlstudio"])
    assert isinstance(application, QApplication)
    shell = open_window(None, warm=False)
    qtbot.addWidget(shell)
    with qtbot.waitSignal(shell.painted):  # what begins after the first paint must not begin in the middle of a test
        shell.activateWindow()
    opened = Window(qtbot, shell)
    opened.idle()
    yield opened
    shell.close()
    shell.workspace.close()


@pytest.fixture
def held_import(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Imports wait once their first images are in, saying how far they are, until this is set or they are stopped."""
    go_on = threading.Event()
    really = importing.import_data

    def import_data(project: Project, source: Path, *, report: Report, stop: Stop, copy: bool) -> ImportReport:
        def wait_there(progress: Progress) -> None:
            report(progress)
            while progress.done >= importing.BATCH and not go_on.is_set() and not stop.is_set():
                go_on.wait(0.05)
                report(progress)

        return really(project, source, copy=copy, report=wait_there, stop=stop)

    monkeypatch.setattr(importing, "import_data", import_data)
    monkeypatch.setattr(importing, "_REPORT_EVERY_S", 0.0)
    yield go_on
    go_on.set()


@pytest.fixture
def insects(tmp_path: Path) -> Path:
    """A project with ten ants, ten bees and ten wasps; its folder."""
    project = make_project(tmp_path / "Insects")
    project.close()
    return tmp_path / "Insects"


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """The Train panel on a project that is opened by the test; tests of other panels have a studio of their own."""
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()
