"""Running the learning-rate finder: starts its job, hands its states to the model, stops it."""

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState
from tlstudio.errors import TLStudioError
from tlstudio.ui.side_job import SideJob
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
        self._job = SideJob(workspace, self)
        self._job.moved.connect(self._on_state)
        self._job.over.connect(self._on_state)
        self._job.refused.connect(self._on_refused)
        self._job.failed.connect(self.failed)
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
        self._job.start(lambda: finding_rate.start_finding(project, recipe, warm=warm))
        self.changed.emit()

    def stop(self) -> None:
        """Ask the search under way to end."""
        self._job.stop()

    def _on_state(self, state: RunState) -> None:
        self.model.follow(state)
        self.changed.emit()

    def _on_refused(self, error: TLStudioError) -> None:
        self.model.clear()
        self.failed.emit(error)
        self.changed.emit()

    def _on_project_changed(self) -> None:
        self._job.forget()
        self.model.clear()
        self.changed.emit()
