"""The run table's rows for Qt."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont

from tlstudio.ui import theme
from tlstudio.ui.train.run_rows import SORT_KEYS, RunRow
from tlstudio.ui.widgets.columns import Column, header_data
from tlstudio.ui.widgets.table import TONE_ROLE
from tlstudio.ui.widgets.two_lines import SECOND_LINE_ROLE, SECOND_SHORT_ROLE, SHORT_ROLE
from tlstudio.ui.words import tr

Index = QModelIndex | QPersistentModelIndex


def _time_words() -> str:
    return tr("Working time of the run: without pauses and without loading PyTorch.")


COLUMNS: tuple[Column[RunRow], ...] = (
    Column("overlay", lambda: "", lambda row: ""),
    Column("run", lambda: tr("Run"), lambda row: row.title),
    Column("model", lambda: tr("Model"), lambda row: row.model),
    Column("balanced", lambda: tr("Val balanced acc."), lambda row: row.balanced_text, True),
    Column("loss", lambda: tr("Val loss"), lambda row: row.loss_text, True),
    Column("time", lambda: tr("Time"), lambda row: row.time_text, True),
    Column("state", lambda: tr("State"), lambda row: row.state_head),
)
OVERLAY = 0
_BELOW: dict[str, Callable[[RunRow], str]] = {
    "model": lambda row: row.recipe,
    "balanced": lambda row: row.apart_text,
    "state": lambda row: row.state_rest,
}
"""The quiet second line of a cell."""
FOLDED: dict[str, tuple[str, Callable[[RunRow], str]]] = {
    "loss": ("balanced", lambda row: "" if row.loss is None else tr("loss {loss}", loss=row.loss_text)),
    "time": ("run", lambda row: row.time_text),
}
"""Columns that stand below another where there is no room beside it."""


class RunTableModel(QAbstractTableModel):
    """Shows rows, sorts them, and reports a tick; news of one run repaint that run's row alone."""

    overlay_wanted = Signal(int, bool)
    """Number of the run, and whether its curves are to lie over the others."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[RunRow] = []
        self._sorted_by = ("run", True)
        self._folded: tuple[str, ...] = ()
        self._short: dict[str, str] = {}

    def show_rows(self, rows: list[RunRow]) -> None:
        """Show these runs; the view's selection stays with a run as long as the order stays."""
        key, is_falling = self._sorted_by
        rows = sorted(rows, key=SORT_KEYS[key], reverse=is_falling)  # type: ignore[arg-type]
        self._short = short_names({row.model for row in rows})
        if [row.number for row in rows] != [row.number for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        before, self._rows = self._rows, rows
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            # Cell by cell: Qt paints anew what is told, and of a run under way seldom more than its time is new.
            for number, column in enumerate(COLUMNS) if old != new else ():
                if self._shown(old, column) != self._shown(new, column):
                    self.dataChanged.emit(self.index(place, number), self.index(place, number))

    def fold(self, columns: tuple[str, ...]) -> None:
        """These columns are shown below another."""
        if columns != self._folded:
            self._folded = columns
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
            if self._rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))

    def below(self, row: RunRow, column: Column[RunRow]) -> str:
        """The second line of a cell."""
        folded = next((FOLDED[key][1] for key in self._folded if FOLDED[key][0] == column.key), None)
        parts = (words(row) for words in (_BELOW.get(column.key), folded) if words is not None)
        return " · ".join(filter(None, parts))

    def _below_short(self, row: RunRow, column: Column[RunRow]) -> str | None:
        """The second line where the whole has no room: of figures that must not be compared none is lost for the mark."""
        if column.key == "balanced" and "loss" in self._folded and row.apart_from is not None:
            return tr("other, loss {loss}", loss=row.loss_text)
        return row.state_rest.partition(": ")[0] if column.key == "state" else None

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
        is_title = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        if is_title and self._folded and COLUMNS[section].key == "balanced":
            return tr("Val bal. acc.")
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole and COLUMNS[section].key == "time":
            return _time_words()
        return header_data(COLUMNS, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == SECOND_LINE_ROLE:
            return self.below(row, column)
        if role == SECOND_SHORT_ROLE:
            return self._below_short(row, column)
        if role == SHORT_ROLE:
            return self._short.get(row.model) if column.key == "model" else None
        if role == Qt.ItemDataRole.AccessibleTextRole and column.key in {FOLDED[key][0] for key in self._folded}:
            spoken, below = _spoken(row, column), self.below(row, column)
            return tr("{first}, {second}", first=spoken, second=below) if below else spoken
        answer = _ANSWERS.get(role)
        return None if answer is None else answer(row, column)

    def _shown(self, row: RunRow, column: Column[RunRow]) -> list[object]:
        """What can be seen of a cell."""
        return [self.below(row, column), *(answer(row, column) for role, answer in _ANSWERS.items() if role not in _CONSTANT)]

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


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Names without what the weights were trained on, "resnet18" for "resnet18.a1_in1k", where they stay told apart."""
    short = {name: name.partition(".")[0].partition(" (")[0] for name in set(names)}
    return {name: bare for name, bare in short.items() if list(short.values()).count(bare) == 1}


def _check(row: RunRow, column: Column[RunRow]) -> object:
    if column.key != "overlay":
        return None
    return Qt.CheckState.Checked if row.is_overlaid else Qt.CheckState.Unchecked


def _font(row: RunRow, column: Column[RunRow]) -> QFont | None:
    return theme.font(weight=600) if column.key == "run" else None


def _spoken(row: RunRow, column: Column[RunRow]) -> str:
    if column.key == "overlay":
        return tr("Lay the curves of {run} over the others", run=row.title)
    if column.key == "model":
        return tr("{first}, {second}", first=row.model, second=row.recipe)
    if column.key == "balanced" and row.apart_from is not None:
        return tr("{first}, {second}", first=column.text(row), second=row.apart_sentence)
    return row.state if column.key == "state" else column.text(row)


def _tip(row: RunRow, column: Column[RunRow]) -> str | None:
    if column.key == "model":
        return "\n".join(filter(None, (row.model, row.recipe, row.changed)))
    if column.key == "time":
        return _time_words()
    if column.key in ("balanced", "loss"):
        return "\n".join((row.apart_sentence, tr("loss {loss}", loss=row.loss_text))) if row.apart_from is not None else None
    return _spoken(row, column) if column.key in ("overlay", "state") else None


_ANSWERS: dict[int, Callable[[RunRow, Column[RunRow]], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda row, column: column.text(row),
    Qt.ItemDataRole.TextAlignmentRole: lambda row, column: column.side,
    Qt.ItemDataRole.CheckStateRole: _check,
    Qt.ItemDataRole.FontRole: _font,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    TONE_ROLE: lambda row, column: row.tone if column.key == "state" else None,
}
_CONSTANT = (Qt.ItemDataRole.TextAlignmentRole, Qt.ItemDataRole.FontRole)
