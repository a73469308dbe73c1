"""Light and dark reach everything that is on the screen, at once."""

from pathlib import Path

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import Window
from tlstudio.ui import theme
from tlstudio.ui.theme import DARK, LIGHT, Theme


def color_at(image: QImage, x: int, y: int) -> str:
    return QColor(image.pixel(x, y)).name().upper()


def test_dark_and_light_repaint_the_whole_window(window: Window, insects: Path) -> None:
    window.open(insects)
    chosen = QApplication.instance().findChild(Theme)
    try:
        for choice, tokens in (("dark", DARK), ("light", LIGHT)):
            chosen.choose(choice)
            QApplication.processEvents()
            image = window.shell.grab().toImage()
            assert color_at(image, 5, image.height() // 2) == tokens.surface, "the rail"
            assert color_at(image, image.width() - 8, 300) == tokens.ground, "the ground"
            assert theme.tokens() is tokens
    finally:
        chosen.choose("light")


def test_following_the_system_takes_its_scheme(window: Window) -> None:
    chosen = QApplication.instance().findChild(Theme)
    chosen.choose("system")
    assert theme.tokens() in (LIGHT, DARK)
    chosen.choose("light")
