"""The progress of an import, and what it could not take in."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from tlstudio.domain.imports import ImportReport
from tlstudio.domain.progress import Progress
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace


class ImportStrip(Card):
    """Hidden while nothing is imported."""

    over = Signal(object)
    """An `ImportReport`."""
    failed = Signal(object)
    """A `TLStudioError`."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(margin=10)
        self._imports = workspace.imports
        self.strip = ProgressStrip(tr("Progress of the import"))
        self.strip.stop_requested.connect(self._imports.stop)
        assert isinstance(self.body, QVBoxLayout)
        self.body.addWidget(self.strip)
        self._imports.began.connect(self._on_began)
        self._imports.progressed.connect(self._on_progress)
        self._imports.ended.connect(self._on_ended)
        self._imports.failed.connect(self._on_failed)
        self.hide()

    def start(self, source: Path, *, copy: bool = False) -> None:
        """Import a folder, now or when the import under way has ended."""
        self._imports.start(source, copy=copy)

    def _on_began(self, source: Path) -> None:
        self.strip.show_fraction(None, tr("Looking for images in {folder}", folder=source.name))
        self.show()

    def _on_progress(self, progress: Progress) -> None:
        self.strip.show_progress(progress)
        self.show()

    def _on_ended(self, report: ImportReport) -> None:
        self._finish()
        self.over.emit(report)

    def _on_failed(self, error: object) -> None:
        self._finish()
        self.failed.emit(error)

    def _finish(self) -> None:
        self.strip.finish()
        self.hide()
