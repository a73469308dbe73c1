"""The rows of the Models table for Qt."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from tlstudio.ui.widgets.columns import Column, header_data
from tlstudio.ui.widgets.table import TONE_ROLE
from tlstudio.ui.words import say, tr
from tlstudio.ui.zoo.rows import NONE, ZooRow, gigas, millions
from tlstudio.zoo.licences import WORDS

Index = QModelIndex | QPersistentModelIndex
SECOND_ROLE = Qt.ItemDataRole.UserRole + 41
"""Quiet words behind a cell's own."""


COLUMNS: tuple[Column[ZooRow], ...] = (
    Column("name", lambda: tr("Model"), lambda row: row.title),
    Column("top1", lambda: tr("ImageNet top-1"), lambda row: NONE if row.top1 is None else f"{row.top1:.1f}", True),
    Column("params", lambda: tr("Params"), lambda row: millions(row.network.num_parameters), True),
    Column("macs", lambda: tr("MACs"), lambda row: gigas(row.network.macs), True),
    Column("input", lambda: tr("Input"), lambda row: str(row.input_px), True),
    Column("licence", lambda: tr("Licence"), lambda row: row.licence or NONE),
    Column("weights", lambda: tr("Weights"), lambda row: weights_words(row)[0]),
)


def weights_words(row: ZooRow) -> tuple[str, str]:
    """Where the weights are, in a word with its tone."""
    if row.card is not None:
        return (tr("Bundled") if row.card.bundled else tr("Installed")), "good"
    return (tr("Not here"), "neutral") if row.published is not None else (tr("Random only"), "warn")


class ZooTableModel(QAbstractTableModel):
    """Shows rows in the order given; sorting is asked for, not done here."""

    sort_wanted = Signal(str, bool)
    """Key of the column, and whether the order falls."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ZooRow] = ()
        self._in_use: frozenset[str] = frozenset()

    def show_rows(self, rows: Sequence[ZooRow], *, in_use: frozenset[str]) -> None:
        """Show exactly these; trainings start from those in use."""
        self.beginResetModel()
        self._rows, self._in_use = rows, in_use
        self.endResetModel()

    def show_in_use(self, keys: frozenset[str]) -> None:
        """Another network was chosen."""
        self._in_use = keys
        if self._rows:
            last = len(COLUMNS) - 1
            self.dataChanged.emit(self.index(0, last), self.index(len(self._rows) - 1, last))

    def row_at(self, place: int) -> ZooRow:
        """What a row shows."""
        return self._rows[place]

    def place_of(self, key: str) -> int | None:
        """Where a row is."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.InitialSortOrderRole and orientation is Qt.Orientation.Horizontal:
            return Qt.SortOrder.DescendingOrder if COLUMNS[section].is_figure else Qt.SortOrder.AscendingOrder
        return header_data(COLUMNS, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if column.key == "weights" and row.key in self._in_use and role in (Qt.ItemDataRole.DisplayRole, TONE_ROLE):
            return tr("In use") if role == Qt.ItemDataRole.DisplayRole else "accent"
        answer = _ANSWERS.get(role)
        return None if answer is None else answer(row, column)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.sort_wanted.emit(COLUMNS[column].key, order is Qt.SortOrder.DescendingOrder)


def _second(row: ZooRow, column: Column[ZooRow]) -> str | None:
    if column.key != "name":
        return None
    if row.card is None:
        return row.tag
    return "" if row.card.name.startswith(row.network.name) else row.network.name


def _tip(row: ZooRow, column: Column[ZooRow]) -> str | None:
    if column.key == "name":
        return " · ".join(part for part in (row.network.name, row.tag, row.network.family) if part)
    return say(WORDS[row.use]) if column.key == "licence" and row.has_weights else None


_ANSWERS: dict[int, Callable[[ZooRow, Column[ZooRow]], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda row, column: column.text(row),
    Qt.ItemDataRole.TextAlignmentRole: lambda row, column: column.side,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.AccessibleTextRole: lambda row, column: f"{column.title()}: {column.text(row)}",
    SECOND_ROLE: _second,
    TONE_ROLE: lambda row, column: weights_words(row)[1] if column.key == "weights" else None,
}
