"""What a tile says instead of a picture can be read: 4.5 : 1, in light and in dark."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.unit.ui.test_theme import luminance
from tlstudio.ui import theme
from tlstudio.ui.app import build_application
from tlstudio.ui.widgets.thumb_paint import Tile, TilePainter

_SIDE, _SHARP = 96, 4


@pytest.fixture(params=["light", "dark"])
def tokens(request: pytest.FixtureRequest) -> Iterator[theme.Tokens]:
    application = build_application(["tlstudio"])
    assert isinstance(application, QApplication)
    scheme = application.findChild(theme.Theme)
    scheme.choose(request.param)
    yield theme.tokens()
    scheme.choose("light")


def painted(tile: Tile, ground: str) -> QImage:
    """A tile of a grid on the window's ground, large enough that its letters have pixels of one colour."""
    image = QImage(_SIDE * _SHARP, _SIDE * _SHARP, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARP)
    image.fill(QColor(ground))
    painter = QPainter(image)
    TilePainter(painter).paint(QRect(0, 0, _SIDE, _SIDE), tile, None, selected=False, current=False)
    painter.end()
    return image


def test_a_file_that_was_set_aside_says_so_readably(tokens: theme.Tokens) -> None:
    image = painted(Tile(name="cut.jpg", problem="unreadable", is_dimmed=True), tokens.ground)
    middle = image.copy(QRect(20 * _SHARP, 36 * _SHARP, 56 * _SHARP, 24 * _SHARP))
    shades = {luminance(middle.pixelColor(x, y).name()) for x in range(middle.width()) for y in range(middle.height())}
    assert (max(shades) + 0.05) / (min(shades) + 0.05) >= 4.5
