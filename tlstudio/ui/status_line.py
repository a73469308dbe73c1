"""The line at the bottom: what just happened, or what a key does here; saved, offline."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_4, SPACE_5
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import tr

_SAID_MS = 6000


class StatusLine(QFrame):
    """What was said stays for some seconds; then the hint comes back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "status")
        self.setFixedHeight(30)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_5, 0, SPACE_5, 0)
        row.setSpacing(SPACE_4)
        self.words = ElidedText(role="small")
        row.addWidget(self.words, 1)
        self.saved = Text(tr("Saved"), role="small")
        offline = Text(tr("Offline"), role="small")
        offline.setToolTip(tr("TL Studio never uses the network: nothing leaves this computer."))
        row.addWidget(self.saved)
        row.addWidget(offline)
        self._hint = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show_hint)

    def say(self, text: str) -> None:
        """Tell what just happened."""
        self.words.set_text(text)
        self._timer.start(_SAID_MS)

    def set_hint(self, text: str) -> None:
        """What a key does here; shown when there is no news."""
        self._hint = text
        if not self._timer.isActive():
            self._show_hint()

    def show_saving(self, saving: bool) -> None:
        """Whether an edit is on its way to the disk."""
        self.saved.setText(tr("Saving…") if saving else tr("Saved"))

    def show_refused(self, num_refused: int) -> None:
        """Edits that the disk does not take are not on their way; they wait."""
        if num_refused:
            self.saved.setText(tr("Not saved"))

    def show_read_only(self, read_only: bool) -> None:
        """A project that cannot be changed from here has nothing to save."""
        self.saved.setText(tr("Read-only") if read_only else tr("Saved"))

    def _show_hint(self) -> None:
        self.words.set_text(self._hint)
