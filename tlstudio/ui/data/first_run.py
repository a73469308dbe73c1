"""The one button that trains: the first run begins without a question."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton

from tlstudio.domain.findings import Finding, TrainingBlockedError
from tlstudio.errors import TLStudioError
from tlstudio.ui.data.health_strip import HealthStrip
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace


class FirstRun(QObject):
    """Keeps the button in step with what is possible, and starts the run."""

    def __init__(self, workspace: Workspace, button: QPushButton, notice: Notice, health: HealthStrip) -> None:
        super().__init__(button)
        self._workspace = workspace
        self._button = button
        self._notice = notice
        self._health = health
        self._is_starting = False
        button.clicked.connect(self.start)

    def start(self) -> None:
        """The first run at once; later ones are set up in the Train panel."""
        self._notice.clear()
        if self._workspace.runs:
            self._workspace.changes.show_panel.emit("train")
            return
        self._is_starting = True
        self.refresh()
        self._workspace.training.start_first(started=self._on_started, failed=self._on_failed)

    def refresh(self, *_: object) -> None:
        """What the button says, and whether it can be pressed."""
        dataset = self._workspace.dataset
        has_runs = bool(self._workspace.runs)
        importing = self._workspace.imports.is_running
        has_images = dataset is not None and bool(dataset.ready)
        self._button.setText(tr("Train another model") if has_runs else tr("Train a first model"))
        self._button.setAccessibleName(self._button.text())
        self._button.setEnabled(has_images and not importing and not self._is_starting)
        self._button.setToolTip(tr("Waits for the import to end") if importing else tr("A new head on cached features; takes seconds"))

    def _on_started(self, _job: object) -> None:
        self._is_starting = False
        self.refresh()
        self._workspace.changes.show_panel.emit("train")

    def _on_failed(self, error: TLStudioError) -> None:
        self._is_starting = False
        self.refresh()
        findings: list[Finding] = self._health.findings
        error = error.for_window() if isinstance(error, TrainingBlockedError) else error
        self._notice.show_error(error, button_text=tr("Review and fix") if findings else "", on_click=self._health.unfold)
