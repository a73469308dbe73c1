"""Above the table of runs: that runs wait until the queue is started, and the button that starts it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import tr, tr_n


class HeldQueue(QWidget):
    """There for as long as the queue is held: a person may leave it so, and must find again how it goes on."""

    start_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self.words = ElidedText(role="muted")
        self.start = button(tr("Start the queue"), small=True, on_click=self.start_wanted.emit)
        row.addWidget(self.words, 1)
        row.addWidget(self.start)
        self.hide()

    def show_waiting(self, num_waiting: int) -> None:
        """So many runs wait; none where the queue is not held."""
        self.setVisible(num_waiting > 0)
        if num_waiting:
            waiting = tr_n("1 run waits in the queue.", "{n} runs wait in the queue.", num_waiting)
            as_ordered = tr_n(
                "It trains on the images and labels as they were when it was queued.",
                "They train on the images and labels as they were when they were queued.",
                num_waiting,
            )
            self.words.set_text(f"{waiting} {as_ordered}", short=waiting)
