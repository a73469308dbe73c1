"""Settings hold at once and are there again the next time."""

import os
from pathlib import Path

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import Window
from tlstudio import paths
from tlstudio.operations import devices, preferences
from tlstudio.ui import theme
from tlstudio.ui.settings.panel import SettingsPanel
from tlstudio.ui.settings.row import SettingRow


@pytest.fixture
def settings(window: Window):
    window.shell.start.settings_button.click()
    window.idle()
    panel = window.shell.panels.panel("settings")
    assert isinstance(panel, SettingsPanel)
    yield panel
    panel.scheme.segment("light").click()
    panel.set_projects_folder("")
    window.idle()
    os.environ.pop(paths.PROJECTS_VARIABLE, None)


def test_dark_holds_at_once_and_next_time(window: Window, settings: SettingsPanel) -> None:
    settings.scheme.segment("dark").click()
    window.idle()
    assert theme.tokens().is_dark
    assert QApplication.palette().color(QPalette.ColorRole.Window).name().upper() == theme.DARK.ground
    assert preferences.load().scheme == "dark"


def test_a_good_neighbour_is_one_the_next_time_too(window: Window, settings: SettingsPanel) -> None:
    assert not preferences.load().good_neighbour
    settings.neighbour.segment("on").click()
    window.until(lambda: preferences.load().good_neighbour)
    assert SettingsPanel(window.shell.workspace).neighbour.current() == "on"
    settings.neighbour.segment("off").click()
    window.until(lambda: not preferences.load().good_neighbour)


def test_new_projects_go_where_they_are_wanted(window: Window, settings: SettingsPanel, tmp_path: Path) -> None:
    wanted = tmp_path / "studies"
    wanted.mkdir()
    settings.set_projects_folder(str(wanted))
    window.idle()
    assert paths.projects_dir() == wanted
    assert settings.place.whole_text() == str(wanted)
    assert preferences.load().projects_folder == str(wanted)
    settings.usual.click()
    window.idle()
    assert paths.projects_dir() != wanted


def test_a_folder_that_is_not_there_is_refused(window: Window, settings: SettingsPanel, tmp_path: Path) -> None:
    before = paths.projects_dir()
    settings.set_projects_folder(str(tmp_path / "nowhere"))
    assert settings.notice.isVisible()
    assert "Nothing was changed" in settings.notice.hint.text()
    assert paths.projects_dir() == before


def test_the_cache_is_measured_and_cleared(window: Window, settings: SettingsPanel) -> None:
    file = paths.cache_dir() / "features" / "a.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * 2_500_000)
    window.shell.show_panel("data")
    settings.hide()
    settings.show()
    window.until(lambda: settings.cache_size.text() == "2.5 MB")
    settings.clear.click()
    window.until(lambda: settings.cache_size.text() == "0 B")
    assert not file.exists()


def test_every_setting_has_one_plain_sentence(settings: SettingsPanel) -> None:
    rows = settings.findChildren(SettingRow)
    assert len(rows) == 7
    for row in rows:
        assert row.sentence.text().endswith(".")
        assert row.sentence.text().count(".") == 1


def test_where_there_are_several_cards_a_training_can_have_more_than_one(
    window: Window, settings: SettingsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.cards.isHidden()
    cards = tuple(devices.DeviceInfo(id=f"cuda:{n}", name="Card", memory_bytes=8 << 30, free_bytes=8 << 30) for n in range(4))
    monkeypatch.setattr(devices, "graphics_cards", lambda: cards)
    settings.hide()
    settings.show()
    window.until(settings.cards.isVisible)
    assert devices.processes_for("auto") == 1
    settings.cards.number.setCurrentIndex(2)
    settings.cards.number.activated.emit(2)
    window.idle()
    assert preferences.load().processes == 3
    assert devices.processes_for("auto") == 3
    assert devices.processes_for("cuda:1") == 1
    settings.cards.number.activated.emit(0)
    window.idle()


def test_without_a_project_the_steps_are_off_and_the_way_back_is_there(window: Window, settings: SettingsPanel) -> None:
    assert not window.shell.rail.item("data").isEnabled()
    assert settings.home.isVisible()
    settings.home.click()
    assert window.shell.start.isVisible()
