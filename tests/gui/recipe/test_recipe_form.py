"""Which settings the recipe's form shows, what of them is not as the recipe has it, and the way back."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.recipe.conftest import enter, recipe_of
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.workspace import Workspace


def test_the_quick_recipe_shows_no_settings_of_fine_tuning(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    assert not card.setting("epochs").isVisible()
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    assert card.setting("epochs").isVisible()
    assert recipe_of(panel).finetune is not None
    for number in ("2", "1"):
        enter(qtbot, panel, "num_stages", number)
        assert "then the last stages" in card.sentence.text(), "a number that is set below may be another one"


def test_the_door_opens_to_every_other_setting(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    hidden = [id for id in SETTINGS if not card.setting(id).isVisible()]
    assert "learning_rate" in hidden
    qtbot.mouseClick(card.door, Qt.MouseButton.LeftButton)
    assert [id for id in SETTINGS if not card.setting(id).isVisible()] == hidden, "under headings that are closed"
    for section in card.settings.sections.values():
        if section.header.isVisible():
            qtbot.mouseClick(section.header, Qt.MouseButton.LeftButton)
    assert {id for id in SETTINGS if card.setting(id).isVisible()} == {spec.id for spec in settings_of(recipe_of(panel))}
    qtbot.mouseClick(card.door, Qt.MouseButton.LeftButton)
    assert [id for id in SETTINGS if not card.setting(id).isVisible()] == hidden


def test_the_rate_finder_is_offered_where_there_is_a_rate_to_find(qtbot: QtBot, panel: TrainPanel) -> None:
    card, shown = panel.recipe.card, []
    panel.workspace.changes.show_panel.connect(lambda id: shown.append(id))
    panel.workspace.changes.rate_finder_wanted.connect(lambda: shown.append("finder"))
    assert not card.find_rate.isVisible(), "Quick solves its head"
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    assert card.find_rate.text() == "Find a learning rate"
    qtbot.mouseClick(card.find_rate, Qt.MouseButton.LeftButton)
    assert shown == ["models", "finder"]
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    card.settings.open_at("learning_rate")
    (link,) = (item for item in card.setting("learning_rate").findChildren(QPushButton) if item.isVisible())
    assert (link.text(), card.find_rate.isVisible()) == ("Find a learning rate", False)
    link.click()
    assert shown == ["models", "finder"] * 2


def test_what_is_not_as_the_recipe_has_it_is_counted_and_a_click_shows_it(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    assert not card.changed.isVisible()
    panel.model.choice.change("learning_rate", 3e-4)
    panel.model.choice.change("head_kind", "cosine")
    panel.workspace.changes.recipe_changed.emit()
    assert card.changed.text() == "2 settings changed"
    assert card.changed.toolTip() == "Learning rate: 0.0003\nHead: cosine"
    assert not card.setting("learning_rate").isVisible()
    qtbot.mouseClick(card.changed, Qt.MouseButton.LeftButton)
    assert card.setting("learning_rate").isVisible()


def test_custom_hides_nothing_and_begins_with_what_stands(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    thorough = recipe_of(panel)
    assert card.setting("num_stages").findChild(QLineEdit).placeholderText() == "all of 5"
    assert not card.setting("learning_rate").isVisible()
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    assert recipe_of(panel).finetune == thorough.finetune
    assert not card.changed.isVisible()
    card.settings.set_open(card.settings.sections)
    shown = [card.setting(spec.id) for spec in settings_of(recipe_of(panel))]
    assert all(row.isVisible() and row.sentence.isVisible() for row in shown)
    enter(qtbot, panel, "epochs", "3")
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    assert recipe_of(panel) == thorough
    assert not card.setting("learning_rate").isVisible()
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    assert card.setting("epochs").findChild(QLineEdit).text() == "3"


def test_reset_brings_the_recipes_own_values_back(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    assert not card.reset.isVisible()
    enter(qtbot, panel, "seed", "7")
    assert card.reset.isVisible()
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    assert recipe_of(panel).seed == 0
    assert card.setting("seed").findChild(QLineEdit).text() == "0"
    assert not card.reset.isVisible()


def test_every_control_has_a_name_and_its_sentence(panel: TrainPanel) -> None:
    for id in SETTINGS:
        editor = panel.recipe.card.setting(id).editor
        assert editor.control.accessibleName()
        assert editor.control.accessibleDescription().endswith(".")


def test_what_was_changed_from_the_recipe_it_began_from_is_marked_with_a_way_back(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    enter(qtbot, panel, "epochs", "3")
    enter(qtbot, panel, "seed", "7")
    row = card.setting("epochs")
    assert row.back.text() == "As in Thorough: 30"
    assert row.back.accessibleName() == "Epochs: As in Thorough: 30"
    assert not card.setting("augmentation").back.isVisible()
    assert (card.changed.text(), card.reset.text()) == ("2 settings changed", "All as in Thorough")
    row.back.click()
    assert (recipe_of(panel).finetune.epochs, recipe_of(panel).seed) == (30, 7)
    assert not row.back.isVisible()
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    assert (recipe_of(panel).name, recipe_of(panel).seed, recipe_of(panel).finetune.num_stages) == ("custom", 0, 1000)


def test_a_recipe_is_there_again_when_the_program_is(qtbot: QtBot, panel: TrainPanel, tmp_path: Path) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    enter(qtbot, panel, "seed", "3")
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    enter(qtbot, panel, "epochs", "12")
    panel.model.choice.change("input_size_px", 96)
    panel.workspace.changes.recipe_changed.emit()
    before = recipe_of(panel)
    panel.workspace.close()
    workspace = Workspace()
    with qtbot.waitSignal(workspace.changes.project_changed):
        workspace.open(tmp_path / "survey")
    again = TrainPanel(workspace)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.model.choice.network is not None and workspace.background.is_idle)
    assert recipe_of(again) == before
    assert again.recipe.card.setting("epochs").back.text() == "As in Thorough: 30"
    again.model.choice.choose_recipe("thorough")
    assert (recipe_of(again).seed, recipe_of(again).finetune.epochs) == (3, 30)
    workspace.close()


def test_custom_after_quick_begins_with_the_recipe_before_it_that_fine_tunes(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    for id in ("thorough", "quick", "custom"):
        qtbot.mouseClick(card.recipes.segment(id), Qt.MouseButton.LeftButton)
    assert recipe_of(panel).finetune.epochs == 30
    assert panel.model.choice.num_changed == 0
    enter(qtbot, panel, "epochs", "12")
    assert card.setting("epochs").back.text() == "As in Thorough: 30"
    for id in ("balanced", "custom"):
        qtbot.mouseClick(card.recipes.segment(id), Qt.MouseButton.LeftButton)
    assert recipe_of(panel).finetune.epochs == 12, "it is as it was left"
