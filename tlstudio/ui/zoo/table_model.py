"""The rows of the Models table for Qt."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from tlstudio.domain.ranking import share_words
from tlstudio.ui.widgets.columns import Column, header_data
from tlstudio.ui.widgets.table import TONE_ROLE
from tlstudio.ui.words import say, tr
from tlstudio.ui.zoo.outlook import run_words, speed_words
from tlstudio.ui.zoo.ranking_words import fit_tip
from tlstudio.ui.zoo.rows import NONE, ZooRow, millions
from tlstudio.zoo.licences import WORDS

Index = QModelIndex | QPersistentModelIndex
SECOND_ROLE = Qt.ItemDataRole.UserRole + 41
"""Quiet words behind a cell's own."""


COLUMNS: tuple[Column[ZooRow], ...] = (
    Column("name", lambda: tr("Model"), lambda row: row.short_title),
    Column("fit", lambda: tr("Fit to data"), lambda row: NONE if row.fit is None else share_words(row.fit), True),
    Column("top1", lambda: tr("Top-1"), lambda row: NONE if row.top1 is None else f"{row.top1:.1f}", True),
    Column("params", lambda: tr("Params"), lambda row: millions(row.network.num_parameters), True),
    Column("input", lambda: tr("Input"), lambda row: str(row.input_px), True),
    Column("speed", lambda: tr("Here, img/s"), lambda row: NONE if row.outlook is None else speed_words(row.outlook), True),
    Column("time", lambda: tr("Fine-tune time"), lambda row: (run_words(row.outlook) if row.outlook else "") or NONE, True),
    Column("weights", lambda: tr("Weights"), lambda row: weights_words(row)[0]),
    Column("licence", lambda: tr("Licence"), lambda row: row.licence or NONE),
)

TIPS: dict[str, Callable[[], str]] = {
    "fit": lambda: tr(
        "How well this project's classes can be told apart by a new head on the network as it is. Rank for my data measures it."
    ),
    "top1": lambda: tr("Published share of right answers on ImageNet, in percent."),
    "speed": lambda: tr("Images a second through the network on this computer; ~ is worked out from what the computer reaches."),
    "time": lambda: tr("A Balanced training with this project's images, all epochs; ~ is worked out from what the computer reaches."),
}
"""What stands behind a title that needs a sentence."""


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
            place = next(place for place, column in enumerate(COLUMNS) if column.key == "weights")
            self.dataChanged.emit(self.index(0, place), self.index(len(self._rows) - 1, place))

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
            is_best_high = COLUMNS[section].is_figure and COLUMNS[section].key != "time"
            return Qt.SortOrder.DescendingOrder if is_best_high else Qt.SortOrder.AscendingOrder
        if role == Qt.ItemDataRole.ToolTipRole and orientation is Qt.Orientation.Horizontal:
            tip = TIPS.get(COLUMNS[section].key)
            return tip() if tip is not None else None
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            # Titles of several words take two lines, so that figures leave the room to names.
            return "\n".join(COLUMNS[section].title().rsplit(" ", 1))
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
    if row.card is not None:
        return "" if row.card.name.startswith(row.network.name) else row.network.name
    return " · ".join(part for part in (row.tag, row.library) if part)


def _tip(row: ZooRow, column: Column[ZooRow]) -> str | None:
    if column.key == "name":
        return " · ".join(part for part in (row.network.name, row.tag, row.network.family) if part)
    if column.key == "fit":
        return fit_tip(row)
    if column.key in ("speed", "time") and row.outlook is not None:
        return tr("Measured here.") if row.outlook.is_measured else tr("Worked out from what this computer reaches, not measured.")
    return say(WORDS[row.use]) if column.key == "licence" and row.has_weights else None


_ANSWERS: dict[int, Callable[[ZooRow, Column[ZooRow]], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda row, column: column.text(row),
    Qt.ItemDataRole.TextAlignmentRole: lambda row, column: column.side,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.AccessibleTextRole: lambda row, column: f"{column.title()}: {column.text(row)}",
    SECOND_ROLE: _second,
    TONE_ROLE: lambda row, column: weights_words(row)[1] if column.key == "weights" else None,
}
