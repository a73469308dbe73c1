"""The confusion matrix of the live model, in a small card over the window."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QBrush, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tlstudio.domain.serving import HeadJudged
from tlstudio.ui import theme
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.popup_place import show_at
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import number, tr, tr_n

_WIDEST_PX, _HIGHEST_PX = 560, 420
_EDGE_PX = 4


class LiveMatrix(QWidget):
    """Follows the figures while it is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        card = Card(tr("Live model on validation"), spacing=SPACE_2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        self.table = QTableWidget()
        self.table.setAccessibleName(tr("Confusion matrix of the live model: rows are the truth, columns the prediction"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setItemDelegate(_Grounds(self.table))
        card.body.addWidget(self.table)
        card.body.addWidget(Text(tr("Rows are the truth, columns the prediction."), role="small"))

    def show_figures(self, judged: HeadJudged) -> None:
        """Show these counts."""
        names, table = list(judged.class_names), self.table
        table.setRowCount(len(names))
        table.setColumnCount(len(names))
        table.setVerticalHeaderLabels(names)
        table.setHorizontalHeaderLabels(names)
        for truth, row in enumerate(judged.confusion):
            for predicted, count in enumerate(row):
                table.setItem(truth, predicted, _cell(count, names[truth], names[predicted]))
        table.resizeColumnsToContents()
        table.resizeRowsToContents()
        columns, rows = table.horizontalHeader(), table.verticalHeader()
        table.setFixedSize(
            min(_WIDEST_PX, columns.length() + rows.sizeHint().width() + _EDGE_PX),
            min(_HIGHEST_PX, rows.length() + columns.sizeHint().height() + _EDGE_PX),
        )
        self.adjustSize()

    def open_above(self, widget: QWidget) -> None:
        """Show it over its link, its right side where that of the link is."""
        self.adjustSize()
        show_at(self, QPoint(widget.width() - self.width(), -self.height() - SPACE_1), of=widget)


class _Grounds(QStyledItemDelegate):
    """Paints the ground of a cell, which the style sheet of the window leaves out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect.adjusted(1, 1, -1, -1), ground)
        super().paint(painter, option, index)


def _cell(count: int, truth: str, predicted: str) -> QTableWidgetItem:
    """Blue where it is right, red where it is not; without a colour where there is no image."""
    item = QTableWidgetItem(number(count))
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    is_right = truth == predicted
    if count:
        ground = theme.color("accent" if is_right else "bad")
        ground.setAlpha(46)
        item.setBackground(QBrush(ground))
    images = tr_n("{n} image", "{n} images", count)
    if is_right:
        item.setToolTip(tr("{images} of {truth} recognised", images=images, truth=truth))
    else:
        item.setToolTip(tr("{images} of {truth} taken for {predicted}", images=images, truth=truth, predicted=predicted))
    return item
