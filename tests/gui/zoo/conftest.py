"""The Models panel over the real catalogue, for the tests of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tlstudio.domain.networks import WeightsCard
from tlstudio.operations import weights
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.panel import ZooPanel
from tlstudio.ui.zoo.table_model import COLUMNS

VIT = "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors"
MOBILENET = "mobilenetv2_100.qat_in1k"


class Studio:
    """The Models panel on a project."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        make_project(folder).close()
        self.workspace = Workspace()
        self.said: list[str] = []
        self.rail: dict[str, tuple[str, str]] = {}
        self.workspace.changes.said.connect(self.said.append)
        self.workspace.changes.rail_changed.connect(lambda panel, line, mark: self.rail.update({panel: (line, mark)}))
        self._open()
        self.panel = ZooPanel(self.workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(1200, 820)
        self.panel.show()
        self.wait(lambda: self.panel.model.num_ready and self.workspace.networks.chosen and self.workspace.background.is_idle)

    def _open(self) -> None:
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(self.folder)

    def reopen(self) -> None:
        """As a person does: back to the start page, then opened again."""
        self.workspace.close_project()
        self._open()

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()))

    def click(self, button: QPushButton) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def names(self) -> list[str]:
        model = self.panel.table.model
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def column(self, key: str) -> list[str]:
        model, place = self.panel.table.model, place_of(key)
        return [model.index(row, place).data() for row in range(model.rowCount())]

    def bring(self, path: Path) -> None:
        """Drop weights on the window and wait until they are recognised."""
        assert self.panel.take_drop([path])
        self.wait(lambda: self.panel.right.importing.card.confirm.isVisible())

    def import_(self, path: Path) -> None:
        before = self.panel.model.num_ready
        self.bring(path)
        self.click(self.panel.right.importing.card.confirm)
        self.wait(lambda: self.panel.model.num_ready == before + 1 and self.workspace.background.is_idle)

    def close(self) -> None:
        self.workspace.close()


def place_of(key: str) -> int:
    """Of a column of the table, from the left."""
    return next(index for index, column in enumerate(COLUMNS) if column.key == key)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey")
    yield result
    result.close()


def imported() -> list[WeightsCard]:
    """The sets that did not come with the program."""
    return [card for card in weights.list_weights() if not card.bundled]
