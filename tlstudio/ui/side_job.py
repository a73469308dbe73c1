"""One job beside the runs: started off the UI thread, watched, stopped; what a ranking, a prediction or a measurement have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.ui.job_watch import Started
from tlstudio.ui.words import say

if TYPE_CHECKING:
    from tlstudio.ui.workspace import Workspace


class SideJob(QObject):
    """One at a time. Every start ends in `over` or, where it could not be started, in `refused` alone."""

    moved = Signal(object)
    """Its newest `RunState`, while it is under way."""
    over = Signal(object)
    """Its last `RunState`."""
    refused = Signal(object)
    """A `TLStudioError`: it could not be started."""
    failed = Signal(object)
    """A `TLStudioError`: it could not be stopped, or it ended so; then after `over`."""

    def __init__(self, workspace: "Workspace", parent: QObject | None = None) -> None:
        super().__init__(parent or workspace)
        self._workspace = workspace
        self._is_stop_wanted = False
        self.folder: Path | None = None
        self.is_running = False

    def start(self, work: Callable[[], Started]) -> None:
        """Start the job that `work` orders, in a thread of its own."""
        self.folder, self._is_stop_wanted, self.is_running = None, False, True
        self._workspace.watches.start(work, started=self._on_started, failed=self._on_refused, on_state=self._on_state)

    def stop(self) -> None:
        """One that is still being started is stopped as soon as it can be told."""
        self._is_stop_wanted = True
        folder = self.folder
        if folder is not None:
            from tlstudio.operations import side_jobs

            self._workspace.background.run(lambda _report, _stop: side_jobs.stop_job(folder), failed=self.failed.emit, lane="control")

    def forget(self) -> None:
        """Another project is open: nobody here looks at it any more; it goes on by itself."""
        self.is_running, self.folder = False, None

    def watch_again(self) -> None:
        """It belongs to no project: go on looking where watching ended with the project that was open."""
        if self.folder is not None:
            self._workspace.watches.watch(0, self.folder, on_state=self._on_state)
        else:
            self.forget()

    def _on_started(self, job: Started) -> None:
        self.folder = job.folder
        if job.notes:
            self._workspace.changes.said.emit(" ".join(say(note) for note in job.notes))
        if self._is_stop_wanted:
            self.stop()

    def _on_state(self, state: RunState) -> None:
        if not self.is_running:
            return
        if not state.status.is_over:
            self.moved.emit(state)
            return
        self.is_running = False
        self._workspace.training.start_warm_worker()
        self.over.emit(state)
        if state.status is Status.FAILED and state.failure is not None:
            self.failed.emit(TLStudioError(state.failure.title, state.failure.hint, details=state.failure.details))

    def _on_refused(self, error: TLStudioError) -> None:
        self.is_running = False
        self.refused.emit(error)
