"""An import under way: images appear while they are read, it can be stopped, and what is in stays in."""

import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.commands import Change
from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.ui.background import Task
from tlstudio.ui.words import tr

if TYPE_CHECKING:
    from tlstudio.domain.imports import ImportReport
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace

_LOOK_EVERY_S = 0.25
_LOOK_COST = 8
"""A look at the growing data set may take an eighth of the time; large ones are looked at less often."""


class Imports(QObject):
    """One import after the other, in a lane of its own so that labelling goes on meanwhile."""

    began = Signal(object)
    """The `Path` that is imported now."""
    progressed = Signal(object)
    """A `Progress`."""
    ended = Signal(object)
    """An `ImportReport`."""
    failed = Signal(object)
    """A `TLStudioError`; what was read before it is in."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._task: Task | None = None
        self._waiting: deque[tuple[Path, bool]] = deque()
        """Sources, and whether they are copied."""
        self._look_at = 0.0
        self._is_looking = False

    @property
    def is_running(self) -> bool:
        """Whether an import is under way or waits."""
        return bool(self._waiting) or (self._task is not None and not self._task.is_over)

    def start(self, source: Path, *, copy: bool = False) -> None:
        """Import a folder into the open project; while another one is imported, it waits for its turn."""
        if self._workspace.project is None:
            return
        if self.is_running:
            self._waiting.append((source, copy))
            self._workspace.changes.said.emit(tr("{folder} waits: it is imported when this import has ended.", folder=source.name))
        else:
            self._run(source, copy=copy)

    def _run(self, source: Path, *, copy: bool) -> None:
        from tlstudio.operations.importing import import_data

        project = self._workspace.project
        assert project is not None
        self._look_at = time.monotonic() + _LOOK_EVERY_S
        self._workspace.near_look.stop()
        self._task = self._workspace.background.run(
            lambda report, stop: import_data(project, source, copy=copy, report=report, stop=stop),
            done=lambda report: self._on_done(project, report),
            failed=lambda error: self._on_failed(project, error),
            progress=self._on_progress,
            lane="import",
        )
        self.began.emit(source)

    def _run_next(self) -> None:
        if self._waiting and self._workspace.project is not None and (self._task is None or self._task.is_over):
            source, copy = self._waiting.popleft()
            self._run(source, copy=copy)

    def stop(self) -> None:
        """Ask the import to end; what is in stays in, and what waits is not begun."""
        self._waiting.clear()
        if self._task is not None:
            self._task.stop()

    def _on_progress(self, progress: Progress) -> None:
        if self._task is None or self._task.stopping.is_set():
            return
        self.progressed.emit(progress)
        if not self._is_looking and progress.done and time.monotonic() >= self._look_at:
            self._look()

    def _look(self) -> None:
        from tlstudio.ui import snapshot

        project = self._workspace.project
        if project is None:
            return
        self._is_looking = True
        started = time.monotonic()

        def on_done(dataset: object) -> None:
            self._is_looking = False
            took_s = time.monotonic() - started
            self._look_at = time.monotonic() + max(_LOOK_EVERY_S, _LOOK_COST * took_s)
            if self._workspace.project is project and self.is_running:
                self._workspace.show(dataset)

        def on_failed(error: TLStudioError) -> None:
            self._is_looking = False
            self._on_failed(project, error)

        self._workspace.background.run(lambda _report, _stop: snapshot.load(project), done=on_done, failed=on_failed)

    def _on_done(self, project: "Project", report: "ImportReport") -> None:
        if project is self._workspace.project:
            self._workspace.refresh(Change(added=True, classes=True, words=report.change.words))
            self.ended.emit(report)
            self._run_next()

    def _on_failed(self, project: "Project", error: TLStudioError) -> None:
        if project is self._workspace.project:
            self._workspace.refresh(Change(added=True, classes=True))
            self.failed.emit(error)
            self._run_next()
