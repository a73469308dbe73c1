"""The card on the left: classes, splits, what has no class yet."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.ui.data.classes_card import ClassesCard
from tlstudio.ui.data.splits_card import SplitsCard
from tlstudio.ui.data.viewmodel import class_rows, split_note, split_rows
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import number, tr

_MARGIN = 14


class Side(Card):
    """Renders a data set; in a low window all but its foot scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=1, spacing=0, parent=parent)
        self.classes = ClassesCard()
        self.splits = SplitsCard()
        self.unlabelled = Text(role="muted")
        self.brightness = button(tr("Brightness…"), kind="quiet", name=tr("Brightness of deep images"))
        self.brightness.setStyleSheet("text-align: left;")
        self.brightness.hide()
        self.export = button(tr("Export…"), kind="quiet", name=tr("Export labels, crops or the whole project"))
        self.export.setStyleSheet("text-align: left;")
        scroll = ScrollColumn(margin=_MARGIN)
        for part in (self.classes, rule(), self.splits, self.brightness):
            scroll.column.addWidget(part)
        scroll.column.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(_MARGIN, SPACE_2, _MARGIN, _MARGIN)
        foot.setSpacing(SPACE_3)
        foot.addWidget(self.unlabelled)
        foot.addWidget(self.export)
        self.body.addWidget(scroll, 1)
        self.body.addLayout(foot)

    def show_dataset(self, dataset: Dataset, *, num_openings: int, writable: bool) -> None:
        """Show the counts of a snapshot."""
        self.classes.show_rows(class_rows(dataset), writable=writable)
        self.splits.show_rows(split_rows(dataset), split_note(dataset, num_openings=num_openings))
        self.unlabelled.setText(tr("Unlabelled {n}", n=number(dataset.num_by_class[None])))
