"""The cockpit of a network in Models, for the tests of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.page import CockpitPage
from tlstudio.ui.zoo.pages import ModelsPanel

RESNET = NetworkPart(architecture="resnet18")
VIT = NetworkPart(architecture="vit_tiny_patch16_224")


OTHER = WeightsCard(hash="cd" * 32, architecture="resnet34", name="ResNet-34", preprocessing=Preprocessing(), num_classes=9)


class Studio:
    """The Models panel on a project, at the cockpit of a network."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.workspace = Workspace()
        self.shown: list[str] = []
        self.workspace.changes.show_panel.connect(self.shown.append)
        with qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(folder)
        self.panel = ModelsPanel(self.workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(1184, 860)
        self.panel.show()
        self.wait(lambda: self.workspace.networks.chosen is not None and self.workspace.background.is_idle)

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()))

    def look_at(self, network: NetworkPart) -> CockpitPage:
        self.panel.show_cockpit(network)
        page = self.panel.cockpit
        assert page is not None
        self.wait(lambda: page.model.known is not None and page.model.known.network == network)
        return page

    def states(self) -> list[str]:
        assert self.panel.cockpit is not None
        return [box.state for box in self.panel.cockpit.stages.view.boxes]

    def train(self) -> TrainPanel:
        panel = TrainPanel(self.workspace)
        self.qtbot.addWidget(panel)
        panel.resize(1184, 860)
        panel.show()
        self.wait(lambda: panel.model.choice.network is not None)
        return panel


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    make_project(tmp_path / "survey").close()
    result = Studio(qtbot, tmp_path / "survey")
    yield result
    result.workspace.close()
