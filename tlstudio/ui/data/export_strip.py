"""The progress of an export, in the place of that of an import."""

from PySide6.QtWidgets import QVBoxLayout

from tlstudio.domain.progress import Progress
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.words import tr


class ExportStrip(Card):
    """Hidden while nothing is exported."""

    def __init__(self) -> None:
        super().__init__(margin=10)
        self.strip = ProgressStrip(tr("Progress of the export"))
        assert isinstance(self.body, QVBoxLayout)
        self.body.addWidget(self.strip)
        self.hide()

    def begin(self, words: str) -> None:
        """Something is on its way."""
        self.strip.show_fraction(None, words)
        self.show()

    def show_progress(self, progress: Progress) -> None:
        """Show where it stands."""
        self.strip.show_progress(progress)

    def finish(self) -> None:
        """Nothing more to show."""
        self.strip.finish()
        self.hide()
