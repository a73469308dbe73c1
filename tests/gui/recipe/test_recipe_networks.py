"""The network in the recipe's form: it is kept with the project, and what it does not have cannot be set."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.recipe.conftest import OTHER, enter, recipe_of
from tlstudio.domain.recipe import NetworkPart
from tlstudio.project.project import Project
from tlstudio.ui.train.panel import TrainPanel


def test_another_network_is_chosen_and_kept_with_the_project(qtbot: QtBot, panel: TrainPanel, tmp_path: Path) -> None:
    card = panel.recipe.card
    assert card.network.currentText() == "ResNet-18 (a1)"
    row = card.network.findText("ViT-Tiny/16")
    card.network.setCurrentIndex(row)
    card.network.activated.emit(row)
    assert recipe_of(panel).network == NetworkPart(architecture="vit_tiny_patch16_224", weights=OTHER.hash)
    qtbot.waitUntil(lambda: panel.workspace.background.is_idle)
    panel.workspace.close()
    again = Project.open(tmp_path / "survey")
    assert again.settings().network == NetworkPart(architecture="vit_tiny_patch16_224", weights=OTHER.hash)
    again.close()


def test_a_choice_is_not_undone_by_what_was_read_before_it(qtbot: QtBot, panel: TrainPanel) -> None:
    networks = panel.workspace.networks
    networks.reload()
    networks.choose(NetworkPart(architecture="resnet50"))
    qtbot.waitUntil(lambda: panel.workspace.background.is_idle)
    assert networks.chosen == NetworkPart(architecture="resnet50")
    networks.reload()
    qtbot.waitUntil(lambda: panel.workspace.background.is_idle)
    assert networks.chosen == NetworkPart(architecture="resnet50")


def test_random_weights_are_said_plainly(panel: TrainPanel) -> None:
    card = panel.recipe.card
    assert not card.random.isVisible()
    panel.workspace.networks.choose(NetworkPart(architecture="resnet50"))
    assert card.random.isVisible()
    assert card.random.text() == "random weights – not pretrained"
    assert card.network.currentText() == "resnet50"


def test_more_models_leads_to_the_models_panel(panel: TrainPanel) -> None:
    shown: list[str] = []
    panel.workspace.changes.show_panel.connect(shown.append)
    card = panel.recipe.card
    row = card.network.count() - 1
    card.network.setCurrentIndex(row)
    card.network.activated.emit(row)
    assert shown == ["models"]
    assert card.network.currentText() == "ResNet-18 (a1)"


def test_of_a_network_that_nothing_is_known_of_everything_can_be_set(qtbot: QtBot, panel: TrainPanel) -> None:
    card, choice = panel.recipe.card, panel.workspace.choice
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    card.settings.set_open(card.settings.sections)
    assert not card.setting("lora_rank").editor.isEnabled()
    unknown = NetworkPart(architecture="of_another_program")
    assert unknown.architecture not in choice.abilities
    panel.workspace.networks.choose(unknown)
    row = card.setting("lora_rank")
    assert row.editor.isEnabled()
    assert not row.refusal.isVisible()
    assert card.setting("pooling").findChild(QComboBox).findData("token") >= 0


def test_what_the_network_does_not_have_cannot_be_set_and_the_form_says_why(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    card.settings.set_open(card.settings.sections)
    row = card.setting("lora_rank")
    assert not row.editor.isEnabled()
    assert row.refusal.text() == "ResNet-18 (a1) has no attention layers for LoRA."
    assert row.refusal.isVisible()
    vit = NetworkPart(architecture="vit_tiny_patch16_224", weights=OTHER.hash)
    panel.workspace.networks.choose(vit)
    assert not row.refusal.isVisible()
    assert card.setting("pooling").findChild(QComboBox).findData("catavgmax") < 0
    enter(qtbot, panel, "lora_rank", "8")
    assert recipe_of(panel).finetune.lora.rank == 8
    panel.workspace.networks.choose(NetworkPart(architecture="swin_tiny_patch4_window7_224"))
    assert recipe_of(panel).finetune.lora is None, "what was set for one network does not go over to another"


def test_no_more_stages_train_than_the_network_has(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    row = card.setting("num_stages")
    assert row.findChild(QLineEdit).placeholderText() == "all of 5"
    enter(qtbot, panel, "num_stages", "64")
    assert row.refusal.text() == "A whole number from 1 to 5."
    enter(qtbot, panel, "num_stages", "5")
    assert not row.refusal.isVisible()
    assert recipe_of(panel).finetune.num_stages == 5
