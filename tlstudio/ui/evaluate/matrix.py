"""The confusion matrix: cells that are clicked, walked with the arrow keys and read out, from 2 to many classes."""

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QTableView, QWidget

from tlstudio.domain.report import EvaluationReport
from tlstudio.ui import theme
from tlstudio.ui.evaluate.matrix_model import MatrixModel
from tlstudio.ui.evaluate.matrix_paint import TILTED_NAME_PX, CellDelegate, NameHeader
from tlstudio.ui.evaluate.selection import Cell
from tlstudio.ui.words import tr

MIN_CELL_PX, MAX_CELL_PX, MAX_ROW_PX = 20, 150, 76
_NAME_WIDTH_PX = (40, 116)
_FLAT_NAME_PX = 26
_BAR_PX = 12
_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class ConfusionMatrix(QTableView):
    """Emits the cell a person chooses, None when the choice is taken back with Escape."""

    cell_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = MatrixModel(self)
        self._is_quiet = False
        self._came_by_key = False
        self._ideal_row_px = MAX_ROW_PX
        self._columns = NameHeader(Qt.Orientation.Horizontal, self)
        self._rows = NameHeader(Qt.Orientation.Vertical, self)
        self.setHorizontalHeader(self._columns)
        self.setVerticalHeader(self._rows)
        self.setModel(self._model)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName(tr("Confusion matrix: rows are the truth, columns the prediction"))
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setCornerWidget(QWidget())
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_report(self, report: EvaluationReport | None) -> None:
        """Show another matrix; no cell is chosen."""
        self._model.set_report(report)
        self.clearSelection()
        self._fit()

    def show_cell(self, cell: Cell | None) -> None:
        """Frame a cell without telling anybody."""
        self._is_quiet = True
        if cell is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self._model.index(cell.truth, cell.predicted))
        self._is_quiet = False

    def center_of(self, cell: Cell) -> QPoint:
        """Where a click meets a cell, in coordinates of the viewport."""
        return self.visualRect(self._model.index(cell.truth, cell.predicted)).center()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self._is_quiet:
            self._choose(current)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt makes the first cell current when the keyboard arrives; that is not yet a choice.
        self._is_quiet = True
        super().focusInEvent(event)
        self._is_quiet = False
        self._came_by_key = event.reason() in _BY_KEY
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        was_current = index.isValid() and index == self.currentIndex()
        super().mousePressEvent(event)
        if was_current and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.show_cell(None)
            self.cell_chosen.emit(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(320, self._ideal_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, min(self._ideal_height(), 160))

    def _choose(self, index: QModelIndex) -> None:
        self.cell_chosen.emit(Cell(index.row(), index.column()))

    def _ideal_height(self) -> int:
        """Depends on the width alone, so that layouts come to rest."""
        return self._columns.height() + self._ideal_row_px * max(1, self._model.rowCount()) + 2

    def _fit(self) -> None:
        """Share the room among the classes; below the smallest cell it scrolls, the names stay."""
        names = self._model.names()
        if not names:
            return
        metrics = QFontMetrics(theme.font(theme.SMALL))
        widest = max(metrics.horizontalAdvance(name) for name in names)
        low, high = _NAME_WIDTH_PX
        name_width = max(low, min(high, widest + 16, self.width() // 3))
        is_upright = widest + 4 > min(64, (self.width() - name_width) / len(names))
        self._columns.is_upright = is_upright
        self._columns.setFixedHeight(min(TILTED_NAME_PX, widest + 10) if is_upright else _FLAT_NAME_PX)
        self._rows.setFixedWidth(name_width)
        high_room = self.height() - self._columns.height() - 2
        bar = _BAR_PX if high_room < MIN_CELL_PX * len(names) else 0
        wide_room = self.width() - name_width - 2 - bar
        width = max(MIN_CELL_PX, min(MAX_CELL_PX, wide_room // len(names)))
        self._ideal_row_px = max(MIN_CELL_PX, min(MAX_ROW_PX, round(width * 0.8)))
        self._columns.setDefaultSectionSize(width)
        self._rows.setDefaultSectionSize(max(MIN_CELL_PX, min(self._ideal_row_px, high_room // len(names))))
        self.setMaximumHeight(self._ideal_height() + (_BAR_PX if width * len(names) > wide_room else 0))
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._came_by_key and not self.selectedIndexes():
            painter = QPainter(self.viewport())
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(self.viewport().rect().adjusted(0, 0, -1, -1), 6, 6)
