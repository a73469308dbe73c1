"""Settings of the head, the rates and the adapters in the cockpit, which Train shows afterwards."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.cockpit.conftest import RESNET, VIT, Studio


def _type(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    field.insert(text)  # QTest can press only the keys of Latin letters
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_train_shows_what_was_set_and_the_cockpit_what_train_sets(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(2)
    studio.qtbot.mouseClick(page.head.kinds.segment("cosine"), Qt.MouseButton.LeftButton)
    field = page.rates.fields.fields[-1].field
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "5e-4")
    studio.qtbot.keyClick(field, Qt.Key.Key_Return)
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert studio.shown == ["train"]

    train = studio.train()
    recipe = train.model.choice.recipe
    assert recipe is not None
    assert recipe.finetune is not None
    assert (recipe.name, recipe.network, recipe.head.kind) == ("custom", RESNET, "cosine")
    assert recipe.finetune.num_stages == 3
    assert recipe.finetune.stage_rates == pytest.approx((5e-4, 9e-5, 2.7e-5))
    card = train.recipe.card
    assert card.recipes.current() == "custom"
    stages = card.setting("num_stages").findChild(QLineEdit)
    assert stages.text() == "3"

    stages.setFocus()
    stages.selectAll()
    studio.qtbot.keyClicks(stages, "1")
    studio.qtbot.keyClick(stages, Qt.Key.Key_Return)
    studio.wait(lambda: studio.states() == ["cached"] * 4 + ["trains", "new"])
    assert page.stages.slider.value() == 4
    studio.qtbot.mouseClick(card.recipes.segment("quick"), Qt.MouseButton.LeftButton)
    assert page.stages.slider.value() == 5


def test_what_is_as_its_recipe_has_it_keeps_its_name(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(3)
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    train = studio.train()
    assert train.recipe.card.recipes.current() == "balanced"
    studio.qtbot.mouseClick(train.recipe.card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    assert studio.states() == ["trains"] * 5 + ["new"]
    assert page.stages.slider.value() == 0


def test_the_head_alone_is_quick(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(1)
    page.stages.slider.setValue(5)
    assert page.rates.none.isVisible()
    assert not page.rates.tuning.isVisible()
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    recipe = studio.train().model.choice.recipe
    assert recipe is not None
    assert recipe.name == "quick"
    assert recipe.finetune is None


def test_only_a_transformer_has_adapters(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(3)
    assert not page.rates.ways.isVisible()
    page = studio.look_at(VIT)
    page.stages.slider.setValue(9)
    assert page.rates.ways.isVisible()
    assert not page.rates.rows["lora_rank"].isVisible()
    studio.qtbot.mouseClick(page.rates.ways.segment("lora"), Qt.MouseButton.LeftButton)
    assert studio.states()[9:] == ["adapters"] * 4 + ["new"]
    assert page.rates.rows["lora_rank"].isVisible()
    assert page.model.recipe is not None
    assert page.model.recipe.finetune is not None
    assert page.model.recipe.finetune.lora is not None
    assert page.model.recipe.finetune.lora.rank == 8
    studio.qtbot.mouseClick(page.rates.ways.segment("all"), Qt.MouseButton.LeftButton)
    assert page.model.recipe.finetune.lora is None


def test_what_belongs_to_a_kind_of_head_is_shown_with_it(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    rows = page.head.rows
    assert not rows["head_dropout"].isVisible()
    studio.qtbot.mouseClick(page.head.kinds.segment("mlp"), Qt.MouseButton.LeftButton)
    assert rows["head_dropout"].isVisible()
    assert rows["head_hidden"].isVisible()
    few = page.figures.trainable.accessibleName()
    field = rows["head_hidden"].findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "1024")
    studio.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.figures.trainable.accessibleName() != few
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "0")
    studio.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert rows["head_hidden"].refusal.isVisible()
    assert page.model.recipe is not None
    assert page.model.recipe.head.hidden == 1024


@pytest.mark.parametrize("text", ["fast", "1.000,5", "11", ""])
def test_a_rate_that_is_none_stays_to_be_mended_and_it_is_said_at_the_field(studio: Studio, text: str) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(4)
    fields = page.rates.fields
    _type(studio.qtbot, fields.fields[4].field, text)
    assert fields.fields[4].field.text() == text
    assert fields.refusal.isVisible()
    assert "from 1e-9 to 10" in fields.refusal.text()
    assert not page.model.has_own_rates
    _type(studio.qtbot, fields.fields[4].field, "2e-4")
    assert not fields.refusal.isVisible()
    assert page.model.rates == pytest.approx((2e-4,))


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "tr_TR", "ar", "en_US"])
def test_rates_are_typed_with_a_point_or_with_the_sign_of_the_locale(studio: Studio, locale: str) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(4)
    before = QLocale()
    QLocale.setDefault(QLocale(locale))
    try:
        for text, rate in (("0.001", 1e-3), (f"0{QLocale().decimalPoint()}002", 2e-3), ("2.5e-5", 2.5e-5)):
            _type(studio.qtbot, page.rates.fields.fields[4].field, text)
            assert page.model.rates == pytest.approx((rate,))
            _type(studio.qtbot, page.rates.rows["learning_rate"].findChild(QLineEdit), text)
            assert page.model.recipe is not None
            assert page.model.recipe.finetune is not None
            assert page.model.recipe.finetune.learning_rate == pytest.approx(rate)
    finally:
        QLocale.setDefault(before)


def test_what_was_refused_is_neither_used_nor_tried(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(2)
    row = page.rates.rows["stage_decay"]
    _type(studio.qtbot, row.findChild(QLineEdit), "abc")
    before = studio.workspace.choice.draft
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    page.finder.run.click()
    assert row.refusal.isVisible()
    assert (studio.shown, studio.workspace.choice.draft, page.finding.model.is_running) == ([], before, False)


def test_a_rate_of_a_stage_that_is_none_is_neither_used_nor_tried(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(4)
    said: list[str] = []
    studio.workspace.changes.said.connect(said.append)
    field, before = page.rates.fields.fields[4].field, studio.workspace.choice.draft
    field.setText("fast")  # as it is typed: neither was Enter pressed nor the field left
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    page.finder.run.click()
    assert page.rates.fields.refusal.isVisible()
    assert len(said) == 2
    assert said[0].startswith("Nothing was started. Learning rate of ")
    assert (studio.shown, studio.workspace.choice.draft, page.finding.model.is_running) == ([], before, False)
    _type(studio.qtbot, field, "2e-4")
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert studio.shown == ["train"]


def test_what_was_refused_stands_in_nobody_s_way_once_it_is_out_of_sight(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(4)
    _type(studio.qtbot, page.rates.rows["stage_decay"].findChild(QLineEdit), "abc")
    _type(studio.qtbot, page.rates.fields.fields[4].field, "fast")
    page.stages.slider.setValue(5)
    assert not page.rates.tuning.isVisible()
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert studio.shown == ["train"]
