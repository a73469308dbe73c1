"""The table of runs: select one to see its curves, tick others to lay theirs over, right-click for what can be done with it."""

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView, QWidget

from tlstudio.ui.train.run_rows import RunRow
from tlstudio.ui.train.run_table_model import COLUMNS, OVERLAY, RunTableModel
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.table import style_table
from tlstudio.ui.widgets.two_lines import TWO_LINES_HEIGHT, TwoLineDelegate
from tlstudio.ui.words import tr

_WIDTHS = {"overlay": 34, "run": 76, "balanced": 130, "loss": 80, "time": 70}
_FOLDED_BELOW_PX = {"time": 760, "loss": 640}
"""Narrower tables have these columns below others: the time below the run, the loss below the accuracy. Nothing is left out."""
FOLDED_PX = {"run": 68, "balanced": 110}
_LEAST_STATE_PX, _MOST_STATE_PX, _STATE_SHARE, _MODEL_PX = 110, 290, 0.42, 220
"""The state has a share of what the figures leave, and more where the model has enough for a long name."""


class RunTable(Card):
    """Reports what a person wants to do with a run, by its number."""

    selected = Signal(int)
    overlay_wanted = Signal(int, bool)
    menu_wanted = Signal(int, object)
    """Number of the run and a `QMenu` to fill."""
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, spacing=0, parent=parent)
        self.setAccessibleName(tr("Runs"))
        self._is_showing = False
        self._selected: int | None = None
        self.model = RunTableModel()
        self.model.setParent(self)
        self.model.overlay_wanted.connect(self.overlay_wanted)
        self.view = QTableView()
        self.view.setModel(self.model)
        style_table(self.view, name=tr("Runs"))
        self.view.verticalHeader().setDefaultSectionSize(TWO_LINES_HEIGHT)
        self.view.setItemDelegate(TwoLineDelegate(self.view))
        self.view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.view.doubleClicked.connect(lambda index: self.opened.emit(self.model.number_at(index.row())))
        self.view.setSortingEnabled(True)
        self._size_columns()
        self.model.modelReset.connect(self._select)
        self.view.selectionModel().currentRowChanged.connect(self._on_current)
        self.empty = EmptyState(
            tr("No runs yet"),
            tr("Each training is a run: its curves, its figures and its model are kept and can be compared here."),
            icon="train",
        )
        self.body.addWidget(self.view)
        self.body.addWidget(self.empty)
        self.show_rows([], selected=None)

    def show_rows(self, rows: list[RunRow], *, selected: int | None) -> None:
        """Show these runs with one of them selected."""
        self.view.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self._selected = selected
        self.model.show_rows(rows)
        self._select()

    def _select(self) -> None:
        """Mark the row of the selected run, wherever sorting has put it."""
        selection = self.view.selectionModel()
        self._is_showing = True
        place = self.model.place_of(self._selected)
        if place is None:
            selection.clear()
        elif place != self.view.currentIndex().row() or not selection.isSelected(self.model.index(place, 1)):
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(self.model.index(place, 1), how)
        self._is_showing = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        folded = tuple(key for key, least_px in _FOLDED_BELOW_PX.items() if self.width() < least_px)
        self.model.fold(folded)
        for place, column in enumerate(COLUMNS):
            self.view.setColumnHidden(place, column.key in folded)
        widths = {**_WIDTHS, **(FOLDED_PX if folded else {})}
        room_px = self.width() - sum(widths[key] for key in widths if key not in folded)
        widths["state"] = min(_MOST_STATE_PX, max(_LEAST_STATE_PX, round(_STATE_SHARE * room_px), room_px - _MODEL_PX))
        for place, column in enumerate(COLUMNS):
            if column.key in widths:
                self.view.horizontalHeader().resizeSection(place, widths[column.key])

    def _size_columns(self) -> None:
        header = self.view.horizontalHeader()
        header.setMinimumSectionSize(_WIDTHS["overlay"])
        header.setStretchLastSection(False)
        header.setSortIndicator(1, Qt.SortOrder.DescendingOrder)
        header.setSortIndicatorShown(False)
        for place, column in enumerate(COLUMNS):
            if column.key in _WIDTHS:
                header.resizeSection(place, _WIDTHS[column.key])
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(OVERLAY, QHeaderView.ResizeMode.Fixed)

    def _on_current(self) -> None:
        place = self.view.currentIndex().row()
        if place >= 0 and not self._is_showing:
            self.selected.emit(self.model.number_at(place))

    def _on_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_wanted.emit(self.model.number_at(index.row()), menu)
        if menu.actions():
            menu.popup(self.view.viewport().mapToGlobal(place))
