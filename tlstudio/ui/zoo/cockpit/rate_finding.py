"""Running the learning-rate finder: starts its job, hands its states to the model, stops it."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.ui.job_watch import Started
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.finding import FinderModel


class RateFinding(QObject):
    """One search at a time, on the open project."""

    changed = Signal()
    failed = Signal(object)
    """A `TLStudioError`."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = FinderModel()
        self._workspace = workspace
        self._folder: Path | None = None
        self._is_stop_wanted = False
        workspace.changes.project_changed.connect(self._on_project_changed)
        workspace.changes.runs_changed.connect(self.changed)

    @property
    def can_start(self) -> bool:
        """Whether there are images, and no training is held up by it."""
        is_training = any(run.status.is_under_way for run in self._workspace.runs)
        return self._workspace.project is not None and not self.model.is_running and not is_training

    def start(self, recipe: Recipe) -> None:
        """Try rates on this recipe."""
        from tlstudio.operations import finding_rate

        project, warm = self._workspace.project, self._workspace.warm
        if project is None or not self.can_start:
            return
        self.model.begin(recipe)
        self._folder, self._is_stop_wanted = None, False
        self._workspace.watches.start(
            lambda: finding_rate.start_finding(project, recipe, warm=warm),
            started=self._on_started,
            failed=self._on_failed,
            on_state=self._on_state,
        )
        self.changed.emit()

    def stop(self) -> None:
        """One that is still being started is stopped as soon as it can be told."""
        self._is_stop_wanted = True
        folder = self._folder
        if folder is not None:
            from tlstudio.operations import side_jobs

            self._workspace.background.run(lambda _report, _stop: side_jobs.stop_job(folder), failed=self.failed.emit, lane="control")

    def _on_started(self, job: Started) -> None:
        self._folder = job.folder
        if self._is_stop_wanted:
            self.stop()

    def _on_state(self, state: RunState) -> None:
        self.model.follow(state)
        if state.status.is_over:
            self._workspace.training.start_warm_worker()
        if state.status is Status.FAILED and state.failure is not None:
            self.failed.emit(TLStudioError(state.failure.title, state.failure.hint, details=state.failure.details))
        self.changed.emit()

    def _on_failed(self, error: TLStudioError) -> None:
        self.model.clear()
        self.failed.emit(error)
        self.changed.emit()

    def _on_project_changed(self) -> None:
        self.model.clear()
        self.changed.emit()
