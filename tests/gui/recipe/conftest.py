"""The recipe card of Train over two sets of weights, and what a person does to its form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import Recipe
from tlstudio.operations import weights
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.workspace import Workspace

CARD = WeightsCard(hash="ab" * 32, architecture="resnet18", name="ResNet-18 (a1)", preprocessing=Preprocessing(), num_classes=1000)
OTHER = WeightsCard(hash="cd" * 32, architecture="vit_tiny_patch16_224", name="ViT-Tiny/16", preprocessing=Preprocessing(), num_classes=9)


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainPanel]:
    monkeypatch.setattr(weights, "list_weights", lambda: [CARD, OTHER])
    make_project(tmp_path / "survey").close()
    workspace = Workspace()
    with qtbot.waitSignal(workspace.changes.project_changed):
        workspace.open(tmp_path / "survey")
    result = TrainPanel(workspace)
    qtbot.addWidget(result)
    result.resize(1200, 820)
    result.show()
    qtbot.waitUntil(lambda: result.model.choice.network is not None and workspace.background.is_idle)
    yield result
    workspace.close()


def recipe_of(panel: TrainPanel) -> Recipe:
    recipe = panel.model.choice.recipe
    assert recipe is not None
    return recipe


def enter(qtbot: QtBot, panel: TrainPanel, setting: str, text: str) -> None:
    field = panel.recipe.card.setting(setting).findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def open_all(qtbot: QtBot, panel: TrainPanel) -> None:
    qtbot.mouseClick(panel.recipe.card.door, Qt.MouseButton.LeftButton)
    panel.recipe.card.settings.set_open(panel.recipe.card.settings.sections)


def choose(panel: TrainPanel, setting: str, value: str) -> None:
    box = panel.recipe.card.setting(setting).findChild(QComboBox)
    row = box.findData(value)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def watch_starts(panel: TrainPanel) -> tuple[list[Recipe], list[str]]:
    started: list[Recipe] = []
    said: list[str] = []
    panel.workspace.training.start = lambda recipe, **_more: started.append(recipe)
    panel.workspace.training.enqueue = lambda recipe, *_rest, **_more: started.append(recipe)
    panel.workspace.changes.said.connect(said.append)
    return started, said
