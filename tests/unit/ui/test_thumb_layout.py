"""Where tiles are: rows fill the width, points and bands find their tiles, keys lead where they should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt

from tlstudio.ui.widgets.thumb_keys import target_of
from tlstudio.ui.widgets.thumb_layout import GridLayout

LAYOUT = GridLayout(width=408, num_tiles=10, wish=92)  # four columns


@given(width=st.integers(60, 3000), num=st.integers(1, 500), wish=st.integers(20, 300))
def test_every_tile_is_inside_and_is_found_at_its_middle(width: int, num: int, wish: int) -> None:
    layout = GridLayout(width=width, num_tiles=num, wish=wish)
    for index in {0, num // 2, num - 1}:
        rect = layout.rect(index)
        assert rect.left() >= 0
        assert rect.right() < width
        assert layout.at(rect.center().x(), rect.center().y()) == index
    assert layout.rect(num - 1).bottom() < layout.height


def test_the_gaps_belong_to_nobody() -> None:
    assert LAYOUT.columns == 4
    first = LAYOUT.rect(0)
    assert LAYOUT.at(first.right() + 3, first.center().y()) is None
    assert LAYOUT.at(first.center().x(), first.bottom() + 3) is None
    assert LAYOUT.at(LAYOUT.rect(3).center().x(), LAYOUT.rect(9).center().y()) is None, "the last row has two"
    assert LAYOUT.at(-5, 10) is None


def test_a_band_names_the_rows_it_touches() -> None:
    assert LAYOUT.between(0, 10) == range(0, 4)
    assert LAYOUT.between(0, LAYOUT.pitch + 10) == range(0, 8)
    assert LAYOUT.between(5000, 6000) == range(10, 10)
    assert LAYOUT.within(QRect(LAYOUT.rect(1).center(), LAYOUT.rect(6).center())) == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("key", "current", "target"),
    [
        (Qt.Key.Key_Right, 0, 1),
        (Qt.Key.Key_Left, 0, 0),
        (Qt.Key.Key_Down, 1, 5),
        (Qt.Key.Key_Down, 6, 9),  # the row below is shorter
        (Qt.Key.Key_Down, 9, 9),
        (Qt.Key.Key_Up, 2, 2),
        (Qt.Key.Key_Up, 9, 5),
        (Qt.Key.Key_Home, 7, 0),
        (Qt.Key.Key_End, 0, 9),
        (Qt.Key.Key_PageDown, 0, 9),
        (Qt.Key.Key_End, None, 9),
        (Qt.Key.Key_Right, None, 0),
        (Qt.Key.Key_X, 3, None),
    ],
)
def test_keys_move(key: Qt.Key, current: int | None, target: int | None) -> None:
    assert target_of(key, current, LAYOUT, 400) == target


def test_there_is_nowhere_to_go_in_an_empty_grid() -> None:
    assert target_of(Qt.Key.Key_Down, None, GridLayout(width=300, num_tiles=0, wish=90), 300) is None
    assert GridLayout(width=300, num_tiles=0, wish=90).height == 0
