"""What is chosen and typed in the recipe's form is what is trained; refused values say what is allowed, and nothing starts with them."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.recipe.conftest import choose, enter, open_all, recipe_of, watch_starts
from tlstudio.domain.recipe import Recipe
from tlstudio.operations import preferences
from tlstudio.ui.train.panel import TrainPanel


def test_what_is_typed_is_what_is_trained(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    open_all(qtbot, panel)
    enter(qtbot, panel, "epochs", "30")
    enter(qtbot, panel, "learning_rate", "3e-4")
    enter(qtbot, panel, "warmup", "20 %")
    enter(qtbot, panel, "penalties", "0.1 1 10")
    enter(qtbot, panel, "input_size_px", "160")
    choose(panel, "augmentation", "moderate")
    choose(panel, "class_balance", "weighted")
    choose(panel, "device", "cpu")
    recipe = recipe_of(panel)
    tuned = recipe.finetune
    assert (tuned.epochs, tuned.learning_rate, tuned.warmup) == (30, 3e-4, 0.2)
    assert recipe.head.penalties == (0.1, 1.0, 10.0)
    assert (recipe.augmentation, recipe.class_balance, recipe.device) == ("moderate", "weighted", "cpu")
    assert recipe.network.input_size_px == 160
    started: list[Recipe] = []
    panel.workspace.training.start = lambda recipe, **_more: started.append(recipe)
    qtbot.mouseClick(panel.header.start, Qt.MouseButton.LeftButton)
    assert started == [recipe]


def test_settings_of_a_kind_of_head_come_and_go_with_it_and_keep_what_was_typed(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    open_all(qtbot, panel)
    assert not card.setting("head_hidden").isVisible()
    choose(panel, "head_kind", "mlp")
    assert card.setting("head_hidden").isVisible()
    enter(qtbot, panel, "head_hidden", "64")
    choose(panel, "head_kind", "linear")
    assert not card.setting("head_hidden").isVisible()
    choose(panel, "head_kind", "mlp")
    assert (recipe_of(panel).head.kind, recipe_of(panel).head.hidden) == ("mlp", 64)


def test_the_device_chosen_in_settings_is_trained_on_unless_the_recipe_names_another(qtbot: QtBot, panel: TrainPanel) -> None:
    assert recipe_of(panel).device == "auto"
    panel.hide()
    preferences.save(preferences.Preferences(device="cpu"))
    panel.show()
    qtbot.waitUntil(lambda: recipe_of(panel).device == "cpu")
    started: list[Recipe] = []
    panel.workspace.training.start = lambda recipe, **_more: started.append(recipe)
    qtbot.mouseClick(panel.header.start, Qt.MouseButton.LeftButton)
    assert [recipe.device for recipe in started] == ["cpu"]
    choose(panel, "device", "auto")
    assert recipe_of(panel).device == "auto"


@pytest.mark.parametrize(
    ("setting", "text"), [("epochs", "0"), ("epochs", "many"), ("epochs", "2.5"), ("learning_rate", "-1"), ("warmup", "")]
)
def test_a_refused_value_says_what_is_allowed_and_changes_nothing(qtbot: QtBot, panel: TrainPanel, setting: str, text: str) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    open_all(qtbot, panel)
    before = recipe_of(panel)
    field = card.setting(setting).findChild(QLineEdit)
    field.setFocus()
    field.clear()
    enter(qtbot, panel, setting, text)
    assert card.setting(setting).refusal.isVisible()
    assert recipe_of(panel) == before
    enter(qtbot, panel, setting, "1")
    assert not card.setting(setting).refusal.isVisible()


@pytest.mark.parametrize("text", ["5000", "abc", "0", "2,5", ""])
def test_nothing_starts_while_a_field_holds_what_was_refused(qtbot: QtBot, panel: TrainPanel, text: str) -> None:
    started, said = watch_starts(panel)
    card, header = panel.recipe.card, panel.header
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    field = card.setting("epochs").findChild(QLineEdit)
    before = field.text()
    field.clear()
    enter(qtbot, panel, "epochs", text)
    enter(qtbot, panel, "seed", "7")
    card.settings.set_open(())
    for button in (header.start, header.seeds):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.trials.planner.wanted.emit(None)
    assert started == []
    assert said[-1] == "Nothing was started. Epochs: A whole number from 1 to 1000."
    assert (field.text(), field.isVisible(), card.setting("epochs").refusal.isVisible()) == (text, True, True)
    assert panel.focusWidget() is field
    enter(qtbot, panel, "epochs", before)
    assert not card.setting("epochs").refusal.isVisible(), "the value that stands, typed again, is one"
    qtbot.mouseClick(header.start, Qt.MouseButton.LeftButton)
    assert [recipe.seed for recipe in started] == [7]


def test_what_is_being_typed_counts_when_start_is_clicked(qtbot: QtBot, panel: TrainPanel) -> None:
    started, _said = watch_starts(panel)
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    field = card.setting("epochs").findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "9")
    qtbot.mouseClick(panel.header.start, Qt.MouseButton.LeftButton)
    assert [recipe.finetune.epochs for recipe in started] == [9]


def test_another_recipe_shows_its_own_values_where_one_was_refused(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    enter(qtbot, panel, "seed", "abc")
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    assert card.setting("seed").findChild(QLineEdit).text() == "0"
    assert not card.setting("seed").refusal.isVisible()


def test_the_wheel_over_a_setting_scrolls_and_changes_nothing(panel: TrainPanel, qapp: QApplication) -> None:
    box = panel.recipe.card.setting("class_balance").findChild(QComboBox)
    box.clearFocus()
    panel.header.start.setFocus()
    middle = QPointF(box.rect().center())
    event = QWheelEvent(
        middle, box.mapToGlobal(middle), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    qapp.sendEvent(box, event)
    assert box.currentData() == "none"
