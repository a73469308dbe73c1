"""Keys do what the table of actions says, and `?` shows it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.gui.conftest import Window
from tlstudio.ui.actions import ACTIONS
from tlstudio.ui.keys_card import KeysCard
from tlstudio.ui.panels import PANELS


def test_question_mark_shows_the_keys_and_any_key_puts_them_away(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.setFocus()
    window.qtbot.keyClick(panel.grid, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    (card,) = window.shell.findChildren(KeysCard)
    texts = [label.text() for label in card.findChildren(QLabel)]
    assert "1 – 9" in texts
    assert "Set the class of the selected images" in texts
    window.qtbot.keyClick(card, Qt.Key.Key_X)
    window.until(lambda: not window.shell.findChildren(KeysCard))


def test_ctrl_and_a_number_goes_to_a_step(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    window.press(Qt.Key.Key_5, on=panel.grid, control=True)
    assert window.shell.panels.current_id() == "use"
    window.qtbot.keyClick(window.shell, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.shell.panels.current_id() == "data"


def test_every_action_leads_to_a_method(window: Window, insects: Path) -> None:
    window.open(insects)
    for spec in ACTIONS.values():
        if spec.call and spec.panel in ("", "data"):
            target = window.shell if not spec.panel else window.data
            assert callable(getattr(target, spec.call, None)), spec.id
        assert not spec.panel or spec.panel in PANELS
    used = [(spec.panel, key) for spec in ACTIONS.values() if spec.call for key in spec.keys]
    assert len(used) == len(set(used)), "a key means one thing"


def _focused() -> QWidget | None:
    return QApplication.focusWidget()


def test_the_images_have_the_keys_when_the_panel_is_shown(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    window.until(lambda: _focused() is panel.grid)
    window.shell.show_panel("models")
    window.idle()
    window.shell.show_panel("data")
    window.until(lambda: _focused() is panel.grid)


@pytest.mark.parametrize(("key", "num"), [(Qt.Key.Key_Return, 10), (Qt.Key.Key_Escape, 30)], ids=["Enter", "Esc"])
def test_after_a_search_the_keys_go_to_the_images_again(window: Window, insects: Path, key: Qt.Key, num: int) -> None:
    panel = window.open(insects)
    panel.focus_search()
    window.qtbot.keyClicks(panel.view.header.search, "wasps")
    window.wait_shown(lambda shown: shown == 10)
    window.qtbot.keyClick(panel.view.header.search, key)
    window.wait_shown(lambda shown: shown == num)
    window.until(lambda: _focused() is panel.grid)


def test_esc_after_a_search_without_a_match_goes_to_the_images(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.focus_search()
    window.qtbot.keyClicks(panel.view.header.search, "nothing like this")
    window.until(panel.view.nothing.isVisible)
    window.qtbot.keyClick(panel.view.header.search, Qt.Key.Key_Escape)
    window.wait_shown(lambda shown: shown == 30)
    window.until(lambda: _focused() is panel.grid)


def test_after_a_click_on_a_chip_the_keys_go_to_the_images(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.focus_search()
    window.qtbot.mouseClick(panel.view.toolbar.chips.chip("train"), Qt.MouseButton.LeftButton)
    window.wait_shown(lambda shown: shown == 15)
    window.until(lambda: _focused() is panel.grid)


def test_who_walks_over_the_chips_with_the_keys_stays_there(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    chips = panel.view.toolbar.chips
    window.until(lambda: _focused() is panel.grid)
    window.press(Qt.Key.Key_Right, on=chips.chip("all"))
    window.wait_shown(lambda shown: shown == 15)
    assert _focused() is chips.chip("train")
