"""A confusion matrix as a table of cells: what each shows, says and how strongly it is coloured."""

from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tlstudio.domain.report import EvaluationReport
from tlstudio.ui.words import number, percent, tr, tr_n

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class CellLook:
    """One cell: its count, its share of the row's images (0..1) and whether it holds right answers."""

    count: int
    share: float
    is_right: bool


class MatrixModel(QAbstractTableModel):
    """Rows are the truth, columns the prediction."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._report: EvaluationReport | None = None

    def set_report(self, report: EvaluationReport | None) -> None:
        """Show another report."""
        self.beginResetModel()
        self._report = report
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self._report.class_names) if self._report and not (parent and parent.isValid()) else 0

    def columnCount(self, parent: Index | None = None) -> int:
        return self.rowCount(parent)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._report is None or not index.isValid():
            return None
        if role == CELL_ROLE:
            return self._look(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return number(self._report.confusion[index.row()][index.column()])
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(index.row(), index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._report is None or not 0 <= section < len(self._report.class_names):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._report.class_names[section]
        return None

    def names(self) -> tuple[str, ...]:
        """The classes in order."""
        return self._report.class_names if self._report else ()

    def words(self, truth: int, predicted: int) -> str:
        """The cell in a sentence, for the tool tip and the screen reader."""
        assert self._report is not None
        names = self._report.class_names
        look = self._look(truth, predicted)
        images = tr_n("{n} image", "{n} images", look.count)
        if truth == predicted:
            return tr("{images} of {truth} recognised, {share} of its images", images=images, truth=names[truth], share=percent(look.share))
        return tr(
            "{images} of {truth} taken for {predicted}, {share} of its images",
            images=images,
            truth=names[truth],
            predicted=names[predicted],
            share=percent(look.share),
        )

    def _look(self, truth: int, predicted: int) -> CellLook:
        assert self._report is not None
        row = self._report.confusion[truth]
        return CellLook(row[predicted], row[predicted] / max(1, sum(row)), truth == predicted)
