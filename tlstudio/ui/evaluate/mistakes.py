"""The lower half of the Evaluate panel: matrix and per-class table on the left, the images behind a cell on the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.evaluate.class_table import ClassTable
from tlstudio.ui.evaluate.gallery import Gallery
from tlstudio.ui.evaluate.matrix import ConfusionMatrix
from tlstudio.ui.evaluate.selection import AllMistakes, Cell, Missed
from tlstudio.ui.evaluate.texts import gallery_words
from tlstudio.ui.evaluate.viewmodel import EvaluateModel
from tlstudio.ui.tasks.painter import TaskPainter
from tlstudio.ui.theme import SPACE_2, SPACE_3, SPACE_4
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import tr

_WIDE_FROM_CLASSES = 6
_HEAD_PX = 24


class Mistakes(QWidget):
    """Renders the model; reports which part of the answers a person wants to see."""

    selection_chosen = Signal(object)

    def __init__(self, thumbnails: Thumbnails, painter: TaskPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE_3 + 2)
        self.matrix = ConfusionMatrix()
        self.table = ClassTable()
        self.gallery = Gallery(thumbnails, painter)
        self._row.addWidget(self._left())
        self._row.addWidget(self._right())
        self.matrix.cell_chosen.connect(self._on_cell)
        self.table.class_chosen.connect(lambda truth: self.selection_chosen.emit(Missed(truth)))

    def _left(self) -> Card:
        card = Card(tr("Confusion matrix"))
        card.setMinimumWidth(372)
        card.title.setMinimumHeight(_HEAD_PX)
        hint = Text(tr("rows: truth · columns: prediction · click a cell to see its images"), role="small", wrap=True)
        card.body.addWidget(self.matrix, 500)
        card.body.addWidget(hint)
        card.body.addWidget(self.table, 200)
        card.body.addStretch(1)
        return card

    def _right(self) -> Card:
        card = Card()
        card.setMinimumWidth(300)
        head = QHBoxLayout()
        head.setSpacing(SPACE_2)
        self.title = Text(role="strong")
        self.title.setMinimumHeight(_HEAD_PX)
        self.words = ElidedText(role="muted")
        self.all_button = button(tr("All mistakes"), kind="link", on_click=lambda: self.selection_chosen.emit(AllMistakes()))
        head.addWidget(self.title)
        head.addWidget(self.words, 1)
        head.addWidget(self.all_button)
        # The cells of the gallery end with a gap and the scroll bar; both lie in the margin of the card.
        card.body.setContentsMargins(SPACE_4, SPACE_4, 0, SPACE_4)
        head.setContentsMargins(0, 0, SPACE_4, 0)
        card.body.addLayout(head)
        self.nothing = Text(role="muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card.body.addWidget(self.gallery, 1)
        card.body.addWidget(self.nothing, 1)
        return card

    def show_report(self, model: EvaluateModel) -> None:
        """Other numbers."""
        report = model.report
        self.matrix.show_report(report)
        self.table.show_scores(report.classes if report else ())
        is_wide = report is not None and len(report.class_names) >= _WIDE_FROM_CLASSES
        self._row.setStretch(0, 10 if is_wide else 34)
        self._row.setStretch(1, 10 if is_wide else 66)
        self.show_selection(model)

    def show_selection(self, model: EvaluateModel) -> None:
        """Other images, or the same with other labels."""
        if model.report is None:
            return
        items = model.gallery()
        selection = model.selection
        self.matrix.show_cell(selection if isinstance(selection, Cell) else None)
        if not isinstance(selection, Missed):
            self.table.clearSelection()
        self.title.setText(selection.title(model.report))
        self.words.set_text(gallery_words(len(items), model.num_changed))
        self.all_button.setVisible(not isinstance(selection, AllMistakes))
        self.gallery.show_items(items)
        self.gallery.setVisible(bool(items))
        self.nothing.setText(tr("No mistakes here.") if isinstance(selection, AllMistakes) else tr("No images in this cell."))
        self.nothing.setVisible(not items)

    def _on_cell(self, cell: Cell | None) -> None:
        self.selection_chosen.emit(cell or AllMistakes())
