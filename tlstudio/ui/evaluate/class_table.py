"""Precision, recall and F1 of every class, sortable; a row shows the images of its class that were missed."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView, QWidget

from tlstudio.domain.report import ClassScore
from tlstudio.ui.evaluate.matrix_model import Index
from tlstudio.ui.widgets.table import ROW_HEIGHT, style_table
from tlstudio.ui.words import number, tr

SORT_ROLE = Qt.ItemDataRole.UserRole + 1
UNDEFINED = "–"
_WIDTHS_PX = (77, 61, 56, 54)


def share_words(share: float | None) -> str:
    """.978 as in the tables of the field; 1.000; a dash where it is not defined."""
    if share is None:
        return UNDEFINED
    text = f"{share:.3f}"
    return text.removeprefix("0")


class ClassModel(QAbstractTableModel):
    """One row a class."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scores: tuple[ClassScore, ...] = ()
        self._titles = (tr("Class"), tr("Precision"), tr("Recall"), tr("F1"), tr("n"))
        self._hints = (
            tr("The classes as they were when the run started"),
            tr("Of the answers that say this class, the share that is right"),
            tr("Of the images of this class, the share that was found"),
            tr("The harmonic mean of precision and recall"),
            tr("Images of this class in this split"),
        )

    def set_scores(self, scores: tuple[ClassScore, ...]) -> None:
        """Show other figures."""
        self.beginResetModel()
        self._scores = scores
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent and parent.isValid() else len(self._scores)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        score, column = self._scores[index.row()], index.column()
        values = (score.name, score.precision, score.recall, score.f1, score.num_images)
        if role == SORT_ROLE:
            return -1.0 if values[column] is None else values[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and values[column] is None:
            return tr("Not defined: there is no such image or answer in this split")
        if role == Qt.ItemDataRole.ToolTipRole and not column:
            return score.name
        if role == Qt.ItemDataRole.DisplayRole:
            return (score.name, *(share_words(share) for share in values[1:4]), number(score.num_images))[column]  # type: ignore[arg-type]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._hints[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class ClassTable(QTableView):
    """Emits the index of the class whose row a person chooses, by the run's class table."""

    class_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ClassModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(SORT_ROLE)
        self.setModel(self._sorted)
        style_table(self, name=tr("Figures of each class"))
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate(_WIDTHS_PX, 1):
            header.resizeSection(column, width)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def show_scores(self, scores: tuple[ClassScore, ...]) -> None:
        """Show other figures in the order of the classes."""
        self._model.set_scores(scores)
        self.setMaximumHeight((len(scores) + 1) * ROW_HEIGHT + 2)

    def sizeHint(self) -> QSize:
        return QSize(300, (self._model.rowCount() + 1) * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, min(3, self._model.rowCount() + 1) * ROW_HEIGHT)

    def _on_chosen(self, index: QModelIndex) -> None:
        self.class_chosen.emit(self._sorted.mapToSource(index).row())
