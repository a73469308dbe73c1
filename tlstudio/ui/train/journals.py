"""Journals of earlier runs, read off the UI thread, each once; those under way are told by the job watches."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.progress import Report, Stop
from tlstudio.domain.run_state import RunState
from tlstudio.domain.runs import Run
from tlstudio.jobs.watcher import read_state
from tlstudio.ui.workspace import Workspace

_LANE = "journals"


class Journals(QObject):
    """`read` carries the number of a run and its state."""

    read = Signal(int, object)

    def __init__(self, workspace: Workspace, *, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._asked: set[int] = set()

    def forget(self) -> None:
        """Another project is open."""
        self._asked = set()

    def look_at(self, runs: Iterable[Run]) -> None:
        """Read the journals of these, where that was not begun before."""
        project, asked = self._workspace.project, self._asked
        for run in runs if project is not None else ():
            if run.number not in asked and not self._workspace.watches.is_watching(run.number):
                asked.add(run.number)
                work = partial(_read, project.folder / run.folder_name)
                self._workspace.background.run(work, done=partial(self._on_read, asked, run.number), lane=_LANE)

    def _on_read(self, asked: set[int], number: int, state: RunState) -> None:
        if asked is self._asked and number in asked:
            asked.discard(number)
            if not self._workspace.watches.is_watching(number):
                self.read.emit(number, state)


def _read(folder: Path, _report: Report, _stop: Stop) -> RunState:
    return read_state(folder)
