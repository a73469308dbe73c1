"""The columns of the runs table in windows of several widths."""

import pytest
from pytestqt.qtbot import QtBot

from tlstudio.ui.train.run_rows import RunRow
from tlstudio.ui.train.run_table import RunTable
from tlstudio.ui.train.run_table_model import COLUMNS


@pytest.mark.parametrize("width_px", [480, 560, 620, 700, 740, 860, 1200])
def test_the_name_of_the_model_has_room_before_the_state_has(qtbot: QtBot, width_px: int) -> None:
    table = RunTable()
    qtbot.addWidget(table)
    row = RunRow(number=1, model="Starter", recipe="Quick", balanced=0.9, loss=0.1, seconds=9.0, state="Done", tone="good")
    table.show_rows([row], selected=1)
    table.resize(width_px, 300)
    table.show()
    widths = {column.key: table.view.columnWidth(place) for place, column in enumerate(COLUMNS) if not table.view.isColumnHidden(place)}
    assert widths["model"] >= 120 or widths["state"] == 76
    assert widths["model"] >= 90
    assert sum(widths.values()) <= width_px


def test_the_recipe_tells_runs_apart_where_there_is_room_and_outlasts_the_loss_where_there_is_none(qtbot: QtBot) -> None:
    table = RunTable()
    qtbot.addWidget(table)
    table.show()
    place = {column.key: number for number, column in enumerate(COLUMNS)}
    table.resize(840, 300)
    at_1440 = table.view.columnWidth(place["recipe"])
    table.resize(1200, 300)
    assert table.view.columnWidth(place["recipe"]) > at_1440
    table.resize(620, 300)
    assert not table.view.isColumnHidden(place["recipe"])
    assert table.view.isColumnHidden(place["loss"])
