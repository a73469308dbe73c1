"""Settings behind the door stand under headings; a heading without a setting is not shown."""

import pytest
from pytestqt.qtbot import QtBot

from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.ui.recipe.setting_list import SettingList
from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.widgets.text import Text


def shown(settings: SettingList) -> list[str]:
    """Headings from top to bottom."""
    return [text.text() for text in settings.findChildren(Text) if text.property("role") == "strong" and text.isVisibleTo(settings)]


@pytest.mark.parametrize(
    ("recipe", "headings"),
    [
        ("quick", ["Images and labels", "New head"]),
        ("custom", ["What trains", "Learning rates", "Steps", "Images and labels", "Stopping and keeping", "New head", "Computing"]),
    ],
)
def test_only_headings_with_settings_are_shown(qtbot: QtBot, recipe: str, headings: list[str]) -> None:
    settings = SettingList(lambda id: SettingRow(SETTINGS[id], with_sentence=True))
    qtbot.addWidget(settings)
    settings.show_headings({spec.id for spec in settings_of(RECIPES[recipe].build(NetworkPart(architecture="resnet18")))})
    assert shown(settings) == headings
