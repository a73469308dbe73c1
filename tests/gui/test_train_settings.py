"""The recipe card: what is chosen and typed there is what is trained; refused values say what is allowed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.operations import preferences, weights
from tlstudio.project.project import Project
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


def _recipe(panel: TrainPanel) -> Recipe:
    recipe = panel.model.choice.recipe
    assert recipe is not None
    return recipe


def _type(qtbot: QtBot, panel: TrainPanel, setting: str, text: str) -> None:
    field = panel.recipe.card.setting(setting).findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def _open_all(qtbot: QtBot, panel: TrainPanel) -> None:
    qtbot.mouseClick(panel.recipe.card.door, Qt.MouseButton.LeftButton)
    panel.recipe.card.settings.set_open(panel.recipe.card.settings.sections)


def _choose(panel: TrainPanel, setting: str, value: str) -> None:
    box = panel.recipe.card.setting(setting).findChild(QComboBox)
    row = box.findData(value)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_the_quick_recipe_shows_no_settings_of_fine_tuning(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    assert not card.setting("epochs").isVisible()
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    assert card.setting("epochs").isVisible()
    assert _recipe(panel).finetune is not None
    for number in ("2", "1"):
        _type(qtbot, panel, "num_stages", number)
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
    assert {id for id in SETTINGS if card.setting(id).isVisible()} == {spec.id for spec in settings_of(_recipe(panel))}
    qtbot.mouseClick(card.door, Qt.MouseButton.LeftButton)
    assert [id for id in SETTINGS if not card.setting(id).isVisible()] == hidden


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
    thorough = _recipe(panel)
    assert card.setting("num_stages").findChild(QLineEdit).placeholderText() == "all of 5"
    assert not card.setting("learning_rate").isVisible()
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    assert _recipe(panel).finetune == thorough.finetune
    assert not card.changed.isVisible()
    card.settings.set_open(card.settings.sections)
    shown = [card.setting(spec.id) for spec in settings_of(_recipe(panel))]
    assert all(row.isVisible() and row.sentence.isVisible() for row in shown)
    _type(qtbot, panel, "epochs", "3")
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    assert _recipe(panel) == thorough
    assert not card.setting("learning_rate").isVisible()
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    assert card.setting("epochs").findChild(QLineEdit).text() == "3"


def test_what_is_typed_is_what_is_trained(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    _open_all(qtbot, panel)
    _type(qtbot, panel, "epochs", "30")
    _type(qtbot, panel, "learning_rate", "3e-4")
    _type(qtbot, panel, "warmup", "20 %")
    _type(qtbot, panel, "penalties", "0.1 1 10")
    _type(qtbot, panel, "input_size_px", "160")
    _choose(panel, "augmentation", "moderate")
    _choose(panel, "class_balance", "weighted")
    _choose(panel, "device", "cpu")
    recipe = _recipe(panel)
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
    _open_all(qtbot, panel)
    assert not card.setting("head_hidden").isVisible()
    _choose(panel, "head_kind", "mlp")
    assert card.setting("head_hidden").isVisible()
    _type(qtbot, panel, "head_hidden", "64")
    _choose(panel, "head_kind", "linear")
    assert not card.setting("head_hidden").isVisible()
    _choose(panel, "head_kind", "mlp")
    assert (_recipe(panel).head.kind, _recipe(panel).head.hidden) == ("mlp", 64)


def test_the_device_chosen_in_settings_is_trained_on_unless_the_recipe_names_another(qtbot: QtBot, panel: TrainPanel) -> None:
    assert _recipe(panel).device == "auto"
    panel.hide()
    preferences.save(preferences.Preferences(device="cpu"))
    panel.show()
    qtbot.waitUntil(lambda: _recipe(panel).device == "cpu")
    started: list[Recipe] = []
    panel.workspace.training.start = lambda recipe, **_more: started.append(recipe)
    qtbot.mouseClick(panel.header.start, Qt.MouseButton.LeftButton)
    assert [recipe.device for recipe in started] == ["cpu"]
    _choose(panel, "device", "auto")
    assert _recipe(panel).device == "auto"


@pytest.mark.parametrize(
    ("setting", "text"), [("epochs", "0"), ("epochs", "many"), ("epochs", "2.5"), ("learning_rate", "-1"), ("warmup", "")]
)
def test_a_refused_value_says_what_is_allowed_and_changes_nothing(qtbot: QtBot, panel: TrainPanel, setting: str, text: str) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    _open_all(qtbot, panel)
    before = _recipe(panel)
    field = card.setting(setting).findChild(QLineEdit)
    field.setFocus()
    field.clear()
    _type(qtbot, panel, setting, text)
    assert card.setting(setting).refusal.isVisible()
    assert _recipe(panel) == before
    _type(qtbot, panel, setting, "1")
    assert not card.setting(setting).refusal.isVisible()


@pytest.mark.parametrize("text", ["5000", "abc", "0", "2,5", ""])
def test_nothing_starts_while_a_field_holds_what_was_refused(qtbot: QtBot, panel: TrainPanel, text: str) -> None:
    started, said = _watch_starts(panel)
    card, header = panel.recipe.card, panel.header
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    field = card.setting("epochs").findChild(QLineEdit)
    before = field.text()
    field.clear()
    _type(qtbot, panel, "epochs", text)
    _type(qtbot, panel, "seed", "7")
    card.settings.set_open(())
    for button in (header.start, header.seeds):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.trials.planner.wanted.emit(None)
    assert started == []
    assert said[-1] == "Nothing was started. Epochs: A whole number from 1 to 1000."
    assert (field.text(), field.isVisible(), card.setting("epochs").refusal.isVisible()) == (text, True, True)
    assert panel.focusWidget() is field
    _type(qtbot, panel, "epochs", before)
    assert not card.setting("epochs").refusal.isVisible(), "the value that stands, typed again, is one"
    qtbot.mouseClick(header.start, Qt.MouseButton.LeftButton)
    assert [recipe.seed for recipe in started] == [7]


def test_what_is_being_typed_counts_when_start_is_clicked(qtbot: QtBot, panel: TrainPanel) -> None:
    started, _said = _watch_starts(panel)
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
    _type(qtbot, panel, "seed", "abc")
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    assert card.setting("seed").findChild(QLineEdit).text() == "0"
    assert not card.setting("seed").refusal.isVisible()


def _watch_starts(panel: TrainPanel) -> tuple[list[Recipe], list[str]]:
    started: list[Recipe] = []
    said: list[str] = []
    panel.workspace.training.start = lambda recipe, **_more: started.append(recipe)
    panel.workspace.training.enqueue = lambda recipe, *_rest, **_more: started.append(recipe)
    panel.workspace.changes.said.connect(said.append)
    return started, said


def test_reset_brings_the_recipes_own_values_back(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    assert not card.reset.isVisible()
    _type(qtbot, panel, "seed", "7")
    assert card.reset.isVisible()
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    assert _recipe(panel).seed == 0
    assert card.setting("seed").findChild(QLineEdit).text() == "0"
    assert not card.reset.isVisible()


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


def test_another_network_is_chosen_and_kept_with_the_project(qtbot: QtBot, panel: TrainPanel, tmp_path: Path) -> None:
    card = panel.recipe.card
    assert card.network.currentText() == "ResNet-18 (a1)"
    row = card.network.findText("ViT-Tiny/16")
    card.network.setCurrentIndex(row)
    card.network.activated.emit(row)
    assert _recipe(panel).network == NetworkPart(architecture="vit_tiny_patch16_224", weights=OTHER.hash)
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


def test_every_control_has_a_name_and_its_sentence(panel: TrainPanel) -> None:
    for id in SETTINGS:
        editor = panel.recipe.card.setting(id).editor
        assert editor.control.accessibleName()
        assert editor.control.accessibleDescription().endswith(".")


def test_what_was_changed_from_the_recipe_it_began_from_is_marked_with_a_way_back(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    _type(qtbot, panel, "epochs", "3")
    _type(qtbot, panel, "seed", "7")
    row = card.setting("epochs")
    assert row.back.text() == "As in Thorough: 30"
    assert row.back.accessibleName() == "Epochs: As in Thorough: 30"
    assert not card.setting("augmentation").back.isVisible()
    assert (card.changed.text(), card.reset.text()) == ("2 settings changed", "All as in Thorough")
    row.back.click()
    assert (_recipe(panel).finetune.epochs, _recipe(panel).seed) == (30, 7)
    assert not row.back.isVisible()
    qtbot.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    assert (_recipe(panel).name, _recipe(panel).seed, _recipe(panel).finetune.num_stages) == ("custom", 0, 1000)


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
    _type(qtbot, panel, "lora_rank", "8")
    assert _recipe(panel).finetune.lora.rank == 8
    panel.workspace.networks.choose(NetworkPart(architecture="swin_tiny_patch4_window7_224"))
    assert _recipe(panel).finetune.lora is None, "what was set for one network does not go over to another"


def test_a_recipe_is_there_again_when_the_program_is(qtbot: QtBot, panel: TrainPanel, tmp_path: Path) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    _type(qtbot, panel, "seed", "3")
    qtbot.mouseClick(card.recipes.segment("custom"), Qt.MouseButton.LeftButton)
    _type(qtbot, panel, "epochs", "12")
    panel.model.choice.change("input_size_px", 96)
    panel.workspace.changes.recipe_changed.emit()
    before = _recipe(panel)
    panel.workspace.close()
    workspace = Workspace()
    with qtbot.waitSignal(workspace.changes.project_changed):
        workspace.open(tmp_path / "survey")
    again = TrainPanel(workspace)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.model.choice.network is not None and workspace.background.is_idle)
    assert _recipe(again) == before
    assert again.recipe.card.setting("epochs").back.text() == "As in Thorough: 30"
    again.model.choice.choose_recipe("thorough")
    assert (_recipe(again).seed, _recipe(again).finetune.epochs) == (3, 30)
    workspace.close()


def test_custom_after_quick_begins_with_the_recipe_before_it_that_fine_tunes(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    for id in ("thorough", "quick", "custom"):
        qtbot.mouseClick(card.recipes.segment(id), Qt.MouseButton.LeftButton)
    assert _recipe(panel).finetune.epochs == 30
    assert panel.model.choice.num_changed == 0
    _type(qtbot, panel, "epochs", "12")
    assert card.setting("epochs").back.text() == "As in Thorough: 30"
    for id in ("balanced", "custom"):
        qtbot.mouseClick(card.recipes.segment(id), Qt.MouseButton.LeftButton)
    assert _recipe(panel).finetune.epochs == 12, "it is as it was left"


def test_no_more_stages_train_than_the_network_has(qtbot: QtBot, panel: TrainPanel) -> None:
    card = panel.recipe.card
    qtbot.mouseClick(card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    row = card.setting("num_stages")
    assert row.findChild(QLineEdit).placeholderText() == "all of 5"
    _type(qtbot, panel, "num_stages", "64")
    assert row.refusal.text() == "A whole number from 1 to 5."
    _type(qtbot, panel, "num_stages", "5")
    assert not row.refusal.isVisible()
    assert _recipe(panel).finetune.num_stages == 5
