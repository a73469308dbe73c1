"""Settings stand in sections that fold: what is closed tells what was changed in it, and any setting can be found."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.ui.recipe.editors import ChoiceEditor
from tlstudio.ui.recipe.setting_list import SettingList
from tlstudio.ui.recipe.setting_row import SettingRow

BEHIND = ["What trains", "Learning rates", "Steps", "Images and labels", "Stopping and keeping", "New head", "Computing"]


def made(
    qtbot: QtBot, recipe: str = "custom", *, changed: dict[str, str] | None = None, refused: dict[str, str] | None = None
) -> SettingList:
    settings = SettingList(lambda id: SettingRow(SETTINGS[id], with_sentence=True), QWidget())
    qtbot.addWidget(settings)
    settings.show_more(True, is_headed=recipe == "custom")
    built = RECIPES[recipe].build(NetworkPart(architecture="resnet18"))
    settings.show_settings([spec.id for spec in settings_of(built)], changed=changed or {}, refused=refused or {})
    settings.show()
    return settings


def headings(settings: SettingList) -> list[str]:
    """From top to bottom."""
    return [section.title for section in settings.sections.values() if section.header.isVisible()]


def rows(settings: SettingList) -> set[str]:
    return {row.spec.id for row in settings.findChildren(SettingRow) if row.isVisible()}


@pytest.mark.parametrize(
    ("recipe", "expected"), [("quick", ["Images and labels", "New head"]), ("custom", ["Most used", *BEHIND]), ("thorough", BEHIND)]
)
def test_only_headings_with_settings_are_shown(qtbot: QtBot, recipe: str, expected: list[str]) -> None:
    assert headings(made(qtbot, recipe)) == expected


def test_a_heading_opens_and_closes_by_mouse_and_keys_and_says_so(qtbot: QtBot) -> None:
    settings = made(qtbot)
    told: list[tuple[str, ...]] = []
    settings.opened.connect(told.append)
    header = settings.sections["rates"].header
    assert "learning_rate" not in rows(settings)
    assert header.accessibleDescription() == "closed"
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert {"learning_rate", "schedule", "epochs"} <= rows(settings)
    assert header.accessibleDescription() == "open"
    for key, is_open in ((Qt.Key.Key_Left, False), (Qt.Key.Key_Right, True), (Qt.Key.Key_Space, False), (Qt.Key.Key_Return, True)):
        qtbot.keyClick(header, key)
        assert ("learning_rate" in rows(settings)) == is_open
    assert told == [("main", "rates"), ("main",)] * 2 + [("main", "rates")]


def test_closed_it_tells_in_a_line_what_was_changed_and_what_the_network_refuses(qtbot: QtBot) -> None:
    settings = made(qtbot, changed={"warmup": "Warm-up: 20 %", "schedule": "Schedule: one cycle"}, refused={"lora_rank": "No attention."})
    rates, trains = settings.sections["rates"], settings.sections["trains"]
    assert rates.summary.isVisible()
    assert rates.summary.whole_text() == "Schedule: one cycle · Warm-up: 20 %"
    assert "one cycle" in rates.header.accessibleDescription()
    assert trains.summary.whole_text() == "No attention."
    assert not settings.sections["head"].summary.isVisible()
    settings.open_changed()
    assert rates.header.isChecked()
    assert not rates.summary.isVisible()
    assert not trains.header.isChecked()


def test_a_click_on_a_heading_in_a_search_leaves_what_is_kept(qtbot: QtBot) -> None:
    settings = made(qtbot)
    told: list[object] = []
    settings.opened.connect(told.append)
    before = rows(settings)
    settings.find("smooth")
    header = settings.sections["images"].header
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert header.isChecked()
    assert rows(settings) == {"label_smoothing"}
    settings.find("")
    assert (rows(settings), told) == (before, [])


@pytest.mark.parametrize(("text", "id"), [("class token", "pooling"), ("lora_rank", "lora_rank"), ("one cycle", "schedule")])
def test_a_setting_is_found_by_what_can_be_chosen_and_by_its_id(qtbot: QtBot, text: str, id: str) -> None:
    settings = made(qtbot)
    settings.find(text)
    assert id in rows(settings)


def test_a_setting_is_found_by_its_name_and_by_what_its_sentence_says(qtbot: QtBot) -> None:
    settings = made(qtbot)
    before = rows(settings)
    settings.find("label SMOOTH")
    assert rows(settings) == {"label_smoothing"}
    assert headings(settings) == ["Images and labels"]
    settings.find("transformer")
    assert "lora_rank" in rows(settings)
    settings.find("no such setting")
    assert rows(settings) == set()
    assert settings.nothing.isVisible()
    settings.find("")
    assert rows(settings) == before
    assert not settings.nothing.isVisible()


def test_a_choice_that_is_not_offered_is_called_by_its_words(qtbot: QtBot) -> None:
    editor = ChoiceEditor(SETTINGS["pooling"])
    qtbot.addWidget(editor)
    editor.offer({"auto", "avg"})
    editor.show_value("catavgmax")
    assert editor.findChild(QComboBox).currentText() == "side by side"
