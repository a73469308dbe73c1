"""The picture of a training batch follows the recipe while it is edited."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox

from tests.gui.conftest import Window
from tlstudio.domain.recipe import NetworkPart
from tlstudio.operations import splitting
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project
from tlstudio.ui.train.panel import TrainPanel


@pytest.fixture
def panel(window: Window, tmp_path: Path, make_images: Callable[..., Path]) -> TrainPanel:
    project = Project.create(tmp_path / "Survey")
    import_data(project, make_images({"bars": 10, "discs": 10}))
    splitting.split(project)
    project.close()
    window.open(tmp_path / "Survey")
    window.workspace.networks.choose(NetworkPart(architecture="resnet18", input_size_px=64))
    window.shell.show_panel("train")
    found = window.shell.panels.panel("train")
    assert isinstance(found, TrainPanel)
    window.until(lambda: len(pictures(found)) == 8 and window.workspace.background.is_idle)
    return found


def pictures(panel: TrainPanel) -> list[bytes]:
    """What is shown, as bytes."""
    shown = [item for item in panel.recipe.card.batch.pictures if item.isVisible() and not item.image.isNull()]
    return [bytes(item.image.constBits()) for item in shown]


def choose(panel: TrainPanel, value: str) -> None:
    box = panel.recipe.card.setting("augmentation").findChild(QComboBox)
    row = box.findData(value)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_pictures_follow_recipe_and_augmentation(window: Window, panel: TrainPanel) -> None:
    card = panel.recipe.card
    assert card.batch.title.text() == "What the network sees"
    plain = pictures(panel)
    card.recipes.segment("balanced").click()
    window.until(lambda: "batch looks like" in card.batch.title.text() and pictures(panel) != plain)
    window.idle()
    light = pictures(panel)
    assert card.batch.note.text() == "4 versions of each image take turns."
    choose(panel, "moderate")
    window.until(lambda: pictures(panel) != light)
    choose(panel, "light")
    window.until(lambda: pictures(panel) == light)
    assert not window.failures


def test_other_images_come_with_a_click(window: Window, panel: TrainPanel) -> None:
    before = pictures(panel)
    panel.recipe.card.batch.another.click()
    window.until(lambda: len(pictures(panel)) == 8 and pictures(panel) != before)


def test_a_project_without_classes_says_why_nothing_is_shown(window: Window, tmp_path: Path) -> None:
    Project.create(tmp_path / "Empty").close()
    with window.qtbot.waitSignal(window.workspace.changes.project_changed):
        window.shell.open_path(tmp_path / "Empty")
    window.workspace.networks.choose(NetworkPart(architecture="resnet18"))
    window.shell.show_panel("train")
    empty = window.shell.panels.panel("train")
    assert isinstance(empty, TrainPanel)
    window.until(lambda: "training part" in empty.recipe.card.batch.note.text())
    assert not pictures(empty)


def test_images_that_are_away_are_said_to_be_and_shown_when_they_are_back(window: Window, panel: TrainPanel, tmp_path: Path) -> None:
    card, shown = panel.recipe.card, pictures(panel)
    project = window.workspace.project
    assert project is not None
    folder = project.dataset().file_of(project.dataset().samples[0]).parents[1]
    folder.rename(tmp_path / "elsewhere")
    card.batch.another.click()
    window.until(lambda: "away" in card.batch.note.text())
    assert not pictures(panel)
    (tmp_path / "elsewhere").rename(folder)
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    window.until(lambda: len(pictures(panel)) == 8)
    assert pictures(panel) != shown, "others were asked for"
    assert not window.failures
