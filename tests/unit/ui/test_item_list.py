"""Items in a list: the same ones that say something else keep their place, other ones begin anew."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tlstudio.ui.widgets.columns import Column, header_data
from tlstudio.ui.widgets.item_list import ITEM_ROLE, ItemListModel


@dataclass(frozen=True)
class Item:
    id: int
    words: str


def make_model() -> ItemListModel:
    return ItemListModel(key=lambda item: item.id, answers={Qt.ItemDataRole.AccessibleTextRole: lambda item: item.words})


def test_items_say_what_they_are(qtbot: QtBot) -> None:
    model = make_model()
    model.set_items([Item(1, "an ant"), Item(2, "a bee")])
    assert model.rowCount() == 2
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "a bee"
    assert model.index(1).data(ITEM_ROLE) == Item(2, "a bee")
    assert model.index(1).data(Qt.ItemDataRole.ToolTipRole) is None


def test_the_same_items_in_other_words_stay_where_they_are(qtbot: QtBot) -> None:
    model = make_model()
    model.set_items([Item(1, "an ant"), Item(2, "a bee")])
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_items([Item(1, "an ant"), Item(2, "a wasp")])
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "a wasp"
    with qtbot.waitSignal(model.modelReset):
        model.set_items([Item(2, "a wasp")])


def test_figures_stand_on_the_right_below_their_title() -> None:
    columns: tuple[Column[Item], ...] = (
        Column("words", lambda: "Words", lambda item: item.words),
        Column("id", lambda: "Number", lambda item: str(item.id), is_figure=True),
    )
    across, align = Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole
    assert [header_data(columns, place, across, Qt.ItemDataRole.DisplayRole) for place in (0, 1)] == ["Words", "Number"]
    assert header_data(columns, 0, across, align) & Qt.AlignmentFlag.AlignLeft
    assert header_data(columns, 1, across, align) & Qt.AlignmentFlag.AlignRight
    assert header_data(columns, 0, Qt.Orientation.Vertical, Qt.ItemDataRole.DisplayRole) is None
