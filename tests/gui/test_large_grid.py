"""A hundred thousand images: only those on the screen are asked for, and moving about never takes long."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.costs import num_lines
from tlstudio.ui.thumbnails import Wish
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.widgets.thumb_paint import Tile

NUM = 100_000


class FakeThumbnails(QObject):
    """Remembers what was wished for."""

    arrived = Signal()
    stale = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.wished: set[str] = set()

    def get(self, wish: Wish) -> QImage | None:
        return None

    def want(self, owner: object, wishes: Iterable[Wish]) -> None:
        self.wished.update(wish.content_hash for wish in wishes)


class Described:
    """Counts how many tiles are described."""

    def __init__(self) -> None:
        self.num = 0

    def __call__(self, id: int) -> Tile:
        self.num += 1
        return Tile(name=f"image {id}", content_hash=f"hash {id}", tag="ants")


def make_grid(qtbot: QtBot, num: int = NUM) -> tuple[ThumbGrid, FakeThumbnails, Described]:
    thumbnails, describe = FakeThumbnails(), Described()
    grid = ThumbGrid("Images", thumbnails, tile_size=90)
    qtbot.addWidget(grid)
    grid.resize(720, 640)
    with qtbot.waitExposed(grid):
        grid.show()
    grid.set_tiles(range(num), describe)
    return grid, thumbnails, describe


def test_only_what_is_visible_is_asked_for(qtbot: QtBot) -> None:
    grid, thumbnails, _ = make_grid(qtbot)
    on_screen = len(grid.visible_ids())
    assert 30 <= on_screen <= 80
    assert {f"hash {id}" for id in grid.visible_ids()} <= thumbnails.wished
    assert len(thumbnails.wished) <= 2 * on_screen, "this screen and the next one"

    thumbnails.wished.clear()
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert f"hash {NUM - 1}" in thumbnails.wished
    assert len(thumbnails.wished) <= 2 * on_screen


def test_scrolling_and_painting_cost_the_same_as_for_a_thousand(qtbot: QtBot) -> None:
    costs = []
    for num in (1000, NUM):
        grid, _, describe = make_grid(qtbot, num)
        describe.num = 0
        costs.append(num_lines(lambda grid=grid: scroll_through(grid)))
        assert describe.num < 41 * 4 * len(grid.visible_ids())
    assert costs[1] < 1.5 * costs[0], costs


def scroll_through(grid: ThumbGrid) -> None:
    for value in range(0, grid.verticalScrollBar().maximum(), grid.verticalScrollBar().maximum() // 40):
        grid.verticalScrollBar().setValue(value)
        grid.viewport().repaint()


def test_keys_reach_the_last_of_them(qtbot: QtBot) -> None:
    small, _, _ = make_grid(qtbot, 1000)
    grid, _, _ = make_grid(qtbot)
    few, many = num_lines(lambda: go_to_the_end(qtbot, small)), num_lines(lambda: go_to_the_end(qtbot, grid))
    assert many < 1.5 * few, (few, many)
    current = grid.current()
    assert current is not None
    assert NUM - 200 < current < NUM - 1
    assert current in grid.visible_ids()
    assert grid.accessibleDescription() == f"image {current}"


def go_to_the_end(qtbot: QtBot, grid: ThumbGrid) -> None:
    for key in (Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(grid, key)


def test_everything_can_be_selected_at_once(qtbot: QtBot) -> None:
    grid, _, _ = make_grid(qtbot)
    with qtbot.waitSignal(grid.selection_changed) as selected:
        qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(selected.args[0]) == NUM
