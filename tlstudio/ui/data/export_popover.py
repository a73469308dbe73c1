"""What can leave the project, each with one sentence: labels in five formats, crops of what is marked, the whole project."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tlstudio.operations.label_exports import LABEL_EXPORTERS
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.popup_place import show_at
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import say, tr

MARGINS = (0.0, 0.1, 0.25)
_WIDTH = 480


class ExportPopover(QWidget):
    """Reports what is wanted and closes."""

    labels_wanted = Signal(str)
    """A row of LABEL_EXPORTERS."""
    crops_wanted = Signal(float)
    """The margin."""
    archive_wanted = Signal()

    def __init__(self, *, has_regions: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        card = Card(tr("Export labels"), spacing=SPACE_2)
        card.setFixedWidth(_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        self.formats: dict[str, QPushButton] = {}
        for id, spec in LABEL_EXPORTERS.items():
            self.formats[id] = self._entry(say(spec.title), partial(self.labels_wanted.emit, id))
            card.body.addLayout(_row(self.formats[id], say(spec.sentence)))
        self.margins: list[QPushButton] = []
        if has_regions:
            card.body.addWidget(rule())
            card.body.addWidget(Text(tr("Crops of what is marked"), role="strong"))
            sentence = tr("A new project with an image for each box and its class as label; those of one image stay on one side.")
            card.body.addWidget(Text(sentence, role="small", wrap=True))
            row = QHBoxLayout()
            row.setSpacing(SPACE_3)
            self.margins = [self._entry(_margin_words(margin), partial(self.crops_wanted.emit, margin)) for margin in MARGINS]
            for entry in self.margins:
                row.addWidget(entry)
            row.addStretch(1)
            card.body.addLayout(row)
        card.body.addWidget(rule())
        self.archive = self._entry(tr("Whole project"), self.archive_wanted.emit)
        card.body.addLayout(_row(self.archive, tr("one file with images, labels and runs, to keep or to open on another computer")))

    def open_beside(self, widget: QWidget) -> None:
        """Show it to the right of its button, its foot where that of the button is."""
        self.adjustSize()
        show_at(self, QPoint(widget.width() + SPACE_1, widget.height() - self.height()), of=widget)
        self.formats["csv"].setFocus()

    def _entry(self, text: str, wanted: Callable[[], object]) -> QPushButton:
        def on_click() -> None:
            self.close()
            wanted()

        return button(text, kind="link", on_click=on_click, parent=self)


def _row(entry: QPushButton, sentence: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE_3)
    entry.setFixedWidth(104)
    entry.setStyleSheet("text-align: left;")
    row.addWidget(entry)
    row.addWidget(Text(f"{sentence[:1].upper()}{sentence[1:]}.", role="small", wrap=True), 1)
    return row


def _margin_words(margin: float) -> str:
    return tr("With {percent} % margin", percent=round(100 * margin)) if margin else tr("Boxes alone")
