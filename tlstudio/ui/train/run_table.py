"""The table of runs: select one to see its curves, tick others to lay theirs over, right-click for what can be done with it."""

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView, QWidget

from tlstudio.ui.train.run_rows import RunRow
from tlstudio.ui.train.run_table_model import COLUMNS, OVERLAY, RunTableModel
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.table import style_table
from tlstudio.ui.words import tr

_WIDTHS = {"overlay": 34, "run": 66, "recipe": 128, "balanced": 130, "loss": 88, "time": 76, "state": 150}
_MODEL_PX, _LEAST_STATE_PX = 130, 76
_NEEDS_PX = {"loss": 740, "time": 660, "recipe": 600}
"""Columns that give way on a narrow window; the run's figures are also beside its curves."""
_RECIPE = next(place for place, column in enumerate(COLUMNS) if column.key == "recipe")


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
        elif place != self.view.currentIndex().row() or not selection.isRowSelected(place, self.view.rootIndex()):
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(self.model.index(place, 1), how)
        self._is_showing = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for place, column in enumerate(COLUMNS):
            self.view.setColumnHidden(place, self.width() < _NEEDS_PX.get(column.key, 0))
        others = sum(_WIDTHS[key] for key in _WIDTHS if key != "state" and self.width() >= _NEEDS_PX.get(key, 0))
        room_px = self.width() - others - _MODEL_PX
        state_px = max(_LEAST_STATE_PX, min(_WIDTHS["state"], room_px))
        header = self.view.horizontalHeader()
        header.resizeSection(len(COLUMNS) - 1, state_px)
        # What tells runs apart gets half of the room that is left; the model's name has the other half.
        header.resizeSection(_RECIPE, _WIDTHS["recipe"] + max(0, room_px - state_px) // 2)

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
