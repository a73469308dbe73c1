"""The headers of all panels stand at the same place, so that nothing jumps on the way from one to the next."""

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel

from tests.gui.conftest import Window
from tlstudio.ui.panels import PANELS
from tlstudio.ui.words import say


def title_place(window: Window, id: str) -> QPoint:
    """Where the title of a panel stands in the window."""
    window.shell.show_panel(id)
    window.idle()
    panel = window.shell.panels.panel(id)
    words = say(PANELS[id].title)
    title = next(item for item in panel.findChildren(QLabel) if item.property("role") == "title" and item.text() == words)
    return title.mapTo(window.shell, QPoint(0, title.height() // 2))


def test_all_titles_stand_at_one_place(window: Window, insects: Path) -> None:
    window.open(insects)
    places = {id: title_place(window, id) for id in PANELS}
    assert len({(place.x(), place.y()) for place in places.values()}) == 1, places
