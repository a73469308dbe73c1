"""Of the words of a choice only the chosen one looks so; a frame says where the keys are."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tlstudio.ui import theme
from tlstudio.ui.app import build_application
from tlstudio.ui.widgets.segmented import Segmented


@pytest.fixture
def choice(qtbot: QtBot) -> Segmented:
    build_application(["tlstudio"])
    choice = Segmented("Recipe")
    qtbot.addWidget(choice)
    for word in ("Quick", "Balanced", "Accurate"):
        choice.add(word.lower(), word)
    choice.resize(360, 40)
    choice.show()
    choice.activateWindow()
    return choice


def _has_frame(choice: Segmented, id: str) -> bool:
    """Whether the edge of a segment has the colour of the focus."""
    image: QImage = choice.segment(id).grab().toImage()
    seen = QColor(image.pixel(image.width() // 2, 0))
    return seen.name() == theme.color("accent").name()


def _focus(qtbot: QtBot, choice: Segmented, id: str, reason: Qt.FocusReason) -> None:
    qtbot.waitUntil(choice.isActiveWindow)
    if (focused := QApplication.focusWidget()) is not None:
        focused.clearFocus()
    choice.segment(id).setFocus(reason)
    assert choice.segment(id).hasFocus()


def test_a_click_leaves_nothing_on_the_word_chosen_before(qtbot: QtBot, choice: Segmented) -> None:
    _focus(qtbot, choice, "quick", Qt.FocusReason.TabFocusReason)
    assert _has_frame(choice, "quick")
    qtbot.mouseClick(choice.segment("balanced"), Qt.MouseButton.LeftButton)
    assert choice.current() == "balanced"
    assert not _has_frame(choice, "quick")
    assert not choice.segment("quick").hasFocus()
    assert not _has_frame(choice, "balanced")


def test_the_keys_take_the_frame_along(qtbot: QtBot, choice: Segmented) -> None:
    _focus(qtbot, choice, "quick", Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(choice.segment("quick"), Qt.Key.Key_Right)
    assert choice.current() == "balanced"
    assert choice.segment("balanced").hasFocus()
    assert _has_frame(choice, "balanced")
    assert not _has_frame(choice, "quick")


def test_a_focus_that_no_key_brought_has_no_frame(qtbot: QtBot, choice: Segmented) -> None:
    _focus(qtbot, choice, "quick", Qt.FocusReason.OtherFocusReason)
    assert not _has_frame(choice, "quick")
