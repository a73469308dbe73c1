"""The table of networks and their weights."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.table import style_table
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.name_delegate import NameDelegate
from tlstudio.ui.zoo.rows import ZooRow
from tlstudio.ui.zoo.table_model import COLUMNS, ZooTableModel
from tlstudio.ui.zoo.viewmodel import ZooModel

_WIDTHS = {"top1": 122, "params": 84, "macs": 80, "input": 66, "licence": 112, "weights": 104}
_NEEDS_PX = {"licence": 640, "input": 560, "macs": 500, "top1": 470}
"""Columns that give way on a narrow window; the card beside the table says them too."""


class ZooTable(Card):
    """Reports which row is looked at, used, or sorted by."""

    selected = Signal(str)
    used = Signal(str)
    sort_wanted = Signal(str, bool)
    import_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, spacing=0, parent=parent)
        self.setAccessibleName(tr("Networks"))
        self._is_showing = False
        self._sorting = False
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
        self.empty = EmptyState("", "", tr("Import weights…"), self.import_wanted.emit, icon="models")
        for widget in (self.view, self.empty):
            self.body.addWidget(widget, 1)
        self._size_columns()

    def show_rows(self, rows: Sequence[ZooRow], *, selected: str, in_use: frozenset[str]) -> None:
        """Show these rows with one of them looked at; trainings start from those in use."""
        self.view.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self._is_showing = True
        self.model.show_rows(rows, in_use=in_use)
        place = self.model.place_of(selected)
        if place is not None:
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.view.selectionModel().setCurrentIndex(self.model.index(place, 0), how)
            self.view.scrollTo(self.model.index(place, 0))
        self._is_showing = False

    def show_order(self, by: str, falling: bool) -> None:
        """Mark the column that is sorted by."""
        place = next(place for place, column in enumerate(COLUMNS) if column.key == by)
        self._sorting = True
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(place, order)
        self._sorting = False

    def show_emptiness(self, model: ZooModel) -> None:
        """Say why nothing is shown."""
        if model.filter == "ready" and not model.num_ready:
            title = tr("No weights are on this computer yet")
            sentence = tr(
                "Import a .safetensors file, or a folder with config.json as timm and the Hugging Face hub write them. "
                "Networks can also be trained from random weights, with far less to expect."
            )
        else:
            title, sentence = tr("No network fits"), tr("Try fewer words, another family, or All.")
        self.empty.set_words(title, sentence)
        self.empty.button.setVisible(model.filter == "ready" and not model.num_ready)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for place, column in enumerate(COLUMNS):
            self.view.setColumnHidden(place, self.width() < _NEEDS_PX.get(column.key, 0))

    def _size_columns(self) -> None:
        header = self.view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        for place, column in enumerate(COLUMNS):
            if column.key in _WIDTHS:
                header.resizeSection(place, _WIDTHS[column.key])
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.sortIndicatorChanged.connect(self.model.sort)

    def _on_sort(self, by: str, falling: bool) -> None:
        if not self._sorting:
            self.sort_wanted.emit(by, falling)

    def _on_current(self) -> None:
        place = self.view.currentIndex().row()
        if place >= 0 and not self._is_showing:
            self.selected.emit(self.model.row_at(place).key)
