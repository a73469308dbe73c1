"""The table of networks and their weights."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.table import style_table
from tlstudio.ui.words import tr, tr_n
from tlstudio.ui.zoo.name_delegate import NameDelegate
from tlstudio.ui.zoo.rows import ZooRow
from tlstudio.ui.zoo.table_model import COLUMNS, ZooTableModel
from tlstudio.ui.zoo.viewmodel import Relaxation, ZooModel, relaxations

_WIDTHS = {"fit": 56, "top1": 66, "params": 76, "input": 58, "speed": 66, "time": 78, "weights": 80, "licence": 92}
_ROOMY_WIDTHS = _WIDTHS | {"weights": 102, "licence": 112}
_ROOMY_FROM_PX = 700
_GIVES_WAY = ("licence", "input", "params", "weights", "time", "speed", "top1", "fit")
"""The order in which columns give way on a narrow window; the card beside the table says them too."""
_NAME_SHARE = 0.4
"""Of the table's width, for names at least: what tells them apart is at their end."""


class ZooTable(Card):
    """Reports which row is looked at, used, or sorted by."""

    selected = Signal(str)
    used = Signal(str)
    sort_wanted = Signal(str, bool)
    import_wanted = Signal()
    clear_wanted = Signal()
    """Everything that is asked for is to be forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, spacing=0, parent=parent)
        self.setAccessibleName(tr("Networks"))
        self._is_showing = False
        self._sorting = False
        self._is_ranked = False
        self._is_bare = False
        """Whether nothing is shown because no weights are here."""
        self.model = ZooTableModel()
        self.model.setParent(self)
        self.model.sort_wanted.connect(self._on_sort)
        self.view = QTableView()
        self.view.setModel(self.model)
        style_table(self.view, name=tr("Networks and their weights"))
        self.view.setItemDelegateForColumn(0, NameDelegate(self.view))
        self.view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.view.selectionModel().currentRowChanged.connect(self._on_current)
        self.view.activated.connect(lambda index: self.used.emit(self.model.row_at(index.row()).key))
        self.empty = EmptyState("", "", tr("Import weights…"), self._on_empty_button, icon="models")
        for widget in (self.view, self.empty):
            self.body.addWidget(widget, 1)
        self._size_columns()

    def show_rows(self, rows: Sequence[ZooRow], *, selected: str, in_use: frozenset[str]) -> None:
        """Show these rows with one of them looked at; trainings start from those in use."""
        self._is_ranked = self._is_ranked or any(row.fit is not None for row in rows)
        self._show_columns()
        self.view.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self._is_showing = True
        self.model.show_rows(rows, in_use=in_use)
        self.show_selected(selected)
        self._is_showing = False

    def show_selected(self, key: str) -> None:
        """Another row is looked at."""
        place = self.model.place_of(key)
        if place is not None:
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.view.selectionModel().setCurrentIndex(self.model.index(place, 0), how)
            self.view.scrollTo(self.model.index(place, 0))

    def show_order(self, by: str, falling: bool) -> None:
        """Mark the column that is sorted by."""
        place = next(place for place, column in enumerate(COLUMNS) if column.key == by)
        self._sorting = True
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(place, order)
        self._sorting = False

    def show_emptiness(self, model: ZooModel) -> None:
        """Say why nothing is shown, and what helps."""
        if model.shown:
            return
        self._is_bare = model.filter == "ready" and not model.num_ready
        if self._is_bare:
            title, sentence = tr("No weights are on this computer yet"), _how_weights_come()
        else:
            title, sentence = tr("No network fits all of this"), _what_to_relax(relaxations(model))
        self.empty.set_words(title, sentence)
        words = tr("Import weights…") if self._is_bare else tr("Clear all filters")
        self.empty.button.setText(words)
        self.empty.button.setAccessibleName(words.rstrip("…"))

    def _on_empty_button(self) -> None:
        (self.import_wanted if self._is_bare else self.clear_wanted).emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_columns()

    def _show_columns(self) -> None:
        """As many as there is room for; how networks fit the data is told from the first ranking on."""
        shown = [key for key in _WIDTHS if key != "fit" or self._is_ranked]
        widths = _ROOMY_WIDTHS if self.width() > _ROOMY_FROM_PX else _WIDTHS
        for key in _GIVES_WAY:
            if key in shown and self.width() - sum(widths[key] for key in shown) < _NAME_SHARE * self.width():
                shown.remove(key)
        for place, column in enumerate(COLUMNS):
            if column.key in widths:
                self.view.setColumnHidden(place, column.key not in shown)
                self.view.horizontalHeader().resizeSection(place, widths[column.key])

    def _size_columns(self) -> None:
        header = self.view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        for place, column in enumerate(COLUMNS):  # a column that has no room is sorted by from here
            action = QAction(tr("Sort by {column}", column=column.title()), header)
            action.triggered.connect(partial(self._on_sort_menu, place))
            header.addAction(action)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.sortIndicatorChanged.connect(self.model.sort)

    def _on_sort_menu(self, place: int) -> None:
        order = self.model.headerData(place, Qt.Orientation.Horizontal, Qt.ItemDataRole.InitialSortOrderRole)
        self._on_sort(COLUMNS[place].key, order is Qt.SortOrder.DescendingOrder)

    def _on_sort(self, by: str, falling: bool) -> None:
        if not self._sorting:
            self.sort_wanted.emit(by, falling)

    def _on_current(self) -> None:
        place = self.view.currentIndex().row()
        if place >= 0 and not self._is_showing:
            self.selected.emit(self.model.row_at(place).key)


def _how_weights_come() -> str:
    return tr(
        "A training starts from weights that already know images. On a computer with internet, “tlstudio weights pack resnet18.a1_in1k "
        "--out resnet18.tlweights” makes one file; bring it here and drop it on this window. A .safetensors file, or a folder with "
        "config.json, works as well. Networks can also be trained from random weights, with far less to expect."
    )


def _what_to_relax(found: list[Relaxation]) -> str:
    asked = ", ".join(item.words for item in found)
    if len(found) > 1 and found[0].num_without:
        best = found[0]
        return tr_n(
            "Asked for: {asked}. Without {words} there would be 1 network.",
            "Asked for: {asked}. Without {words} there would be {n} networks.",
            best.num_without,
            asked=asked,
            words=best.words,
        )
    return tr("Asked for: {asked}.", asked=asked)
