"""The run table's rows for Qt."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont

from tlstudio.ui import theme
from tlstudio.ui.train.run_rows import SORT_KEYS, RunRow
from tlstudio.ui.widgets.columns import Column, header_data
from tlstudio.ui.widgets.table import TONE_ROLE
from tlstudio.ui.words import tr

Index = QModelIndex | QPersistentModelIndex


COLUMNS: tuple[Column[RunRow], ...] = (
    Column("overlay", lambda: "", lambda row: ""),
    Column("run", lambda: tr("Run"), lambda row: row.title),
    Column("model", lambda: tr("Model"), lambda row: row.model),
    Column("recipe", lambda: tr("Recipe"), lambda row: row.recipe),
    Column("balanced", lambda: tr("Val balanced acc."), lambda row: row.balanced_text, True),
    Column("loss", lambda: tr("Val loss"), lambda row: row.loss_text, True),
    Column("time", lambda: tr("Time"), lambda row: row.time_text, True),
    Column("state", lambda: tr("State"), lambda row: row.state),
)
OVERLAY = 0


class RunTableModel(QAbstractTableModel):
    """Shows rows, sorts them, and reports a tick; news of one run repaint that run's row alone."""

    overlay_wanted = Signal(int, bool)
    """Number of the run, and whether its curves are to lie over the others."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[RunRow] = []
        self._sorted_by = ("run", True)

    def show_rows(self, rows: list[RunRow]) -> None:
        """Show these runs; the view's selection stays with a run as long as the order stays."""
        key, is_falling = self._sorted_by
        rows = sorted(rows, key=SORT_KEYS[key], reverse=is_falling)  # type: ignore[arg-type]
        if [row.number for row in rows] != [row.number for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        before, self._rows = self._rows, rows
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def number_at(self, place: int) -> int:
        """The run of a row."""
        return self._rows[place].number

    def place_of(self, number: int | None) -> int | None:
        """The row of a run."""
        return next((place for place, row in enumerate(self._rows) if row.number == number), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return header_data(COLUMNS, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        answer = _ANSWERS.get(role)
        return None if answer is None else answer(row, column)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if index.column() != OVERLAY or role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.overlay_wanted.emit(self._rows[index.row()].number, Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == OVERLAY else flags

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        key = COLUMNS[column].key
        if key in SORT_KEYS:
            self._sorted_by = (key, order is Qt.SortOrder.DescendingOrder)
            self.show_rows(list(self._rows))


def _check(row: RunRow, column: Column[RunRow]) -> object:
    if column.key != "overlay":
        return None
    return Qt.CheckState.Checked if row.is_overlaid else Qt.CheckState.Unchecked


def _font(row: RunRow, column: Column[RunRow]) -> QFont | None:
    return theme.font(weight=600) if column.key == "run" else None


def _spoken(row: RunRow, column: Column[RunRow]) -> str:
    return tr("Lay the curves of {run} over the others", run=row.title) if column.key == "overlay" else column.text(row)


def _tip(row: RunRow, column: Column[RunRow]) -> str | None:
    if column.key == "recipe":
        return "\n".join(filter(None, (row.recipe, row.changed)))
    return _spoken(row, column) if column.key in ("overlay", "model", "state") else None


_ANSWERS: dict[int, Callable[[RunRow, Column[RunRow]], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda row, column: column.text(row),
    Qt.ItemDataRole.TextAlignmentRole: lambda row, column: column.side,
    Qt.ItemDataRole.CheckStateRole: _check,
    Qt.ItemDataRole.FontRole: _font,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    TONE_ROLE: lambda row, column: row.tone if column.key == "state" else None,
}
