"""Looks after the health of the data: checks run in the background, a moment after the data last changed."""

from PySide6.QtCore import QObject, QTimer, Signal

from tlstudio.domain.findings import Finding
from tlstudio.ui.background import Task
from tlstudio.ui.workspace import Workspace

_AFTER_MS = 250


class HealthWatch(QObject):
    """`found` carries the findings of the newest snapshot."""

    found = Signal(list)

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._task: Task | None = None
        self._again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._check)
        workspace.changes.project_changed.connect(self._leave)

    def look_soon(self) -> None:
        """The data changed."""
        self._timer.start()

    def _check(self) -> None:
        from tlstudio.operations import health

        project = self._workspace.project
        if project is None:
            return
        if self._task is not None:
            self._again = True
            return

        def on_done(findings: list[Finding]) -> None:
            self._finish()
            if project is self._workspace.project:
                self.found.emit(findings)

        self._task = self._workspace.background.run(
            lambda _report, stop: health.findings(project, stop=stop), done=on_done, failed=self._on_failed, lane="health"
        )

    def _leave(self) -> None:
        """Another project: nobody waits for what is found in this one."""
        if self._task is not None:
            self._task.stop()

    def _on_failed(self, error: object) -> None:
        self._finish()
        self._workspace.changes.failed.emit(error)

    def _finish(self) -> None:
        self._task = None
        if self._again:
            self._again = False
            self.look_soon()
