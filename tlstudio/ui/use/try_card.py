"""Try it: drop images, see the answers."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.ui.tasks.painter import TaskPainter
from tlstudio.ui.theme import SPACE_3, SPACE_4
from tlstudio.ui.use.answers import AnswerGrid
from tlstudio.ui.use.drop_zone import DropZone
from tlstudio.ui.use.viewmodel import UseModel
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr, tr_n


class TryCard(Card):
    """Renders the images that were asked about."""

    clear_asked = Signal()

    def __init__(self, painter: TaskPainter, parent: QWidget | None = None) -> None:
        super().__init__(tr("Try it"), parent=parent)
        self.setMinimumWidth(300)
        self.busy = Text(role="muted")
        self.clear_button = button(tr("Clear"), kind="quiet", name=tr("Clear the answers"), on_click=self.clear_asked.emit)
        self.head.addWidget(self.busy)
        self.head.addWidget(self.clear_button)
        self.title.setMinimumHeight(24)
        self.zone = DropZone()
        self.notice = Notice()
        self.grid = AnswerGrid(painter)
        # The cells of the grid end with a gap and the scroll bar; both lie in the margin of the card.
        self.body.setContentsMargins(SPACE_4, SPACE_4, 0, SPACE_4)
        self.head.setContentsMargins(0, 0, SPACE_4, 0)
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, SPACE_4, 0)
        above.setSpacing(SPACE_3)
        above.addWidget(self.zone)
        above.addWidget(self.notice)
        self.body.addLayout(above)
        self.body.addWidget(self.grid, 1)
        self.promise = Text(tr("The answer appears below each picture. Nothing is added to the project."), role="muted", wrap=True)
        self.promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.promise.setContentsMargins(0, 0, SPACE_4, 0)
        self.body.addWidget(self.promise, 1)

    def show_model(self, model: UseModel) -> None:
        """Show images and answers."""
        num_waiting = len(model.waiting)
        self.busy.setText(tr_n("looking at {n} image…", "looking at {n} images…", num_waiting) if num_waiting else "")
        self.clear_button.setVisible(bool(model.asked))
        self.grid.show_items(model.asked)
        self.grid.setVisible(bool(model.asked))
        self.promise.setVisible(not model.asked)
