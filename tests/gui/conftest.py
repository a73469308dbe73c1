"""What the tests of the window share: the real shell over real projects; jobs are recorded ones, so torch is never needed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
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
        self.workspace.changes.failed.connect(self.failures.append)

    @property
    def data(self) -> DataPanel:
        panel = self.shell.panels.panel("data")
        assert isinstance(panel, DataPanel)
        return panel

    def open(self, project: Path) -> DataPanel:
        """Open a project and wait for its images to be in the grid."""
        with self.qtbot.waitSignal(self.workspace.changes.project_changed, timeout=10_000):
            self.shell.open_path(project)
        self.wait_shown(lambda num: num > 0)
        return self.data

    def wait_shown(self, wanted: Callable[[int], bool]) -> None:
        """Wait until the grid shows a number of images, and nothing is on its way."""
        self.until(lambda: wanted(len(self.data.grid.state.ids)) and self.workspace.background.is_idle)

    def until(self, condition: Callable[[], bool], timeout: int = 15_000) -> None:
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
    """An open window on its start page, without a warm worker."""
    application = build_application(["tlstudio"])
    assert isinstance(application, QApplication)
    shell = open_window(None, warm=False)
    qtbot.addWidget(shell)
    qtbot.waitExposed(shell)
    shell.activateWindow()
    opened = Window(qtbot, shell)
    qtbot.waitUntil(lambda: opened.workspace.background.is_idle)
    yield opened
    shell.close()
    shell.workspace.close()


@pytest.fixture
def insects(tmp_path: Path) -> Path:
    """A project with ten ants, ten bees and ten wasps; its folder."""
    project = make_project(tmp_path / "Insects")
    project.close()
    return tmp_path / "Insects"
