"""The cells of the runs table in windows of several widths: nothing is left out, and names stay told apart."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tlstudio.ui import theme
from tlstudio.ui.train.run_rows import RunRow
from tlstudio.ui.train.run_table import RunTable
from tlstudio.ui.train.run_table_model import COLUMNS, short_names
from tlstudio.ui.widgets.two_lines import SECOND_LINE_ROLE

AT_1024_PX, AT_1440_PX = 456, 870
PLACES = {column.key: place for place, column in enumerate(COLUMNS)}


def _row(number: int = 7, *, model: str = "mobilenetv2_100.qat_in1k", state: str = "Done") -> RunRow:
    return RunRow(number=number, model=model, recipe="Balanced", balanced=0.932, loss=0.214, seconds=52.0, state=state, tone="good")


@pytest.fixture
def table(qtbot: QtBot) -> RunTable:
    result = RunTable()
    qtbot.addWidget(result)
    result.show_rows([_row(state="Done, stopped early: validation no longer improved")], selected=7)
    result.show()
    return result


def _shown(table: RunTable) -> str:
    """All words of the only row, as the table shows them."""
    cells = [table.model.index(0, place) for place in range(len(COLUMNS)) if not table.view.isColumnHidden(place)]
    return " ".join(str(words) for cell in cells for words in (cell.data(), cell.data(SECOND_LINE_ROLE)) if words)


@pytest.mark.parametrize("width_px", [AT_1024_PX, 560, 650, 740, AT_1440_PX, 1200])
def test_every_figure_of_a_run_is_there_at_every_width(table: RunTable, width_px: int) -> None:
    table.resize(width_px, 300)
    shown = _shown(table)
    for words in ("Run 7", "mobilenetv2_100.qat_in1k", "Balanced", "93.2 %", "0.214", "0:52", "Done", "stopped early"):
        assert words in shown, (words, shown)
    widths = [table.view.columnWidth(place) for place in range(len(COLUMNS)) if not table.view.isColumnHidden(place)]
    assert sum(widths) <= width_px


def test_a_name_has_room_for_what_tells_it_apart(table: RunTable) -> None:
    metrics = QFontMetrics(theme.font(theme.BODY))
    for width_px, name in ((AT_1440_PX, "mobilenetv2_100.qat_in1k"), (AT_1024_PX, "mobilenetv2_100")):
        table.resize(width_px, 300)
        assert table.view.columnWidth(PLACES["model"]) - 16 >= metrics.horizontalAdvance(name)


def test_a_state_under_way_has_room_in_a_narrow_table(table: RunTable) -> None:
    table.resize(AT_1024_PX, 300)
    assert table.view.columnWidth(PLACES["state"]) - 16 - 14 >= QFontMetrics(theme.font(theme.TINY)).horizontalAdvance("Running 62 %")


def test_a_name_is_cut_only_where_it_stays_told_apart() -> None:
    names = {"resnet18.a1_in1k", "resnet18.a2_in1k", "mobilenetv2_100.qat_in1k", "Starter (MobileNetV4 small)"}
    assert short_names(names) == {"mobilenetv2_100.qat_in1k": "mobilenetv2_100", "Starter (MobileNetV4 small)": "Starter"}


def test_a_narrow_table_says_the_same_figures_aloud(table: RunTable) -> None:
    table.resize(AT_1024_PX, 300)
    cells = [table.model.index(0, place) for place in range(len(COLUMNS)) if not table.view.isColumnHidden(place)]
    said = [cell.data(Qt.ItemDataRole.AccessibleTextRole) for cell in cells]
    assert "Run 7, 0:52" in said
    assert "93.2 %, loss 0.214" in said


def test_rows_have_no_titles(table: RunTable) -> None:
    for width_px in (AT_1024_PX, AT_1440_PX):
        table.resize(width_px, 300)
        assert [table.model.headerData(row, Qt.Orientation.Vertical) for row in (0, 3, 40)] == [None, None, None]
