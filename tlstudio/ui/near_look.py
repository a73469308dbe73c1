"""Images of an older project are looked at once, in the background, when it is opened; an import or another project goes first."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tlstudio.domain.commands import Change
from tlstudio.domain.progress import Progress
from tlstudio.ui.background import Task
from tlstudio.ui.words import number, say, tr, tr_n

if TYPE_CHECKING:
    from tlstudio.operations.looks import Looked
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace

_QUIET_S = 3.0


class NearLook(QObject):
    """Says in the status line what it does; what was looked at when it is stopped stays."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._task: Task | None = None
        self._said = -1
        self._worth_a_word = 0.0
        """When to begin to speak: a short look should not take the place of what a person waits to read."""

    def start(self) -> None:
        """Look at what has never been looked at. In the lane of imports, so that it ends before its project is closed."""
        from tlstudio.operations.looks import look_at_missing

        project = self._workspace.project
        if project is None or not project.writable:
            return
        self._said, self._worth_a_word = -1, time.monotonic() + _QUIET_S
        self._task = self._workspace.background.run(
            lambda report, stop: look_at_missing(project, report=report, stop=stop),
            done=lambda looked: self._on_done(project, looked),
            progress=self._on_progress,
            lane="import",
        )

    def stop(self) -> None:
        """Ask it to end; the rest is looked at the next time, or before a training."""
        if self._task is not None:
            self._task.stop()

    def _on_progress(self, progress: Progress) -> None:
        tenth = 10 * progress.done // max(1, progress.total or 1)
        if time.monotonic() < self._worth_a_word:
            return
        if tenth > self._said and self._task is not None and not self._task.stopping.is_set():
            self._said = tenth
            words = tr("{what}: {done} of {total}", what=say(progress.what), done=number(progress.done), total=number(progress.total or 0))
            self._workspace.changes.said.emit(words)

    def _on_done(self, project: "Project", looked: "Looked") -> None:
        if looked.num_seen and project is self._workspace.project:
            self._workspace.refresh(Change())
            if looked.num_near:
                self._workspace.changes.said.emit(tr_n("1 near copy found", "{n} near copies found", looked.num_near))
