"""Thumbnails that are not in the cache (it was cleared, or the project came from another computer) are made again."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from tlstudio.domain.dataset import Dataset
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace

_AFTER_MS = 400
_AT_ONCE = 200
"""Images a batch; what is on the screen by then comes first."""


class Previews(QObject):
    """Notices what is missing on the screen and has it made, a batch at a time; waits while an import makes its own."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._tried: set[str] = set()
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._make)
        workspace.thumbnails.arrived.connect(self._look)
        workspace.changes.project_changed.connect(self._tried.clear)

    def forget(self) -> None:
        """What was tried may be tried again: thumbnails are made in another way now."""
        self._tried.clear()

    def _look(self) -> None:
        if not self._is_busy and self._workspace.thumbnails.missing - self._tried:
            self._timer.start()

    def _make(self) -> None:
        project, dataset = self._workspace.project, self._workspace.dataset
        if project is None or dataset is None or self._is_busy or self._workspace.imports.is_running:
            return
        wanted = frozenset(list(self._workspace.thumbnails.missing - self._tried)[:_AT_ONCE])
        if not wanted:
            return
        self._is_busy = True
        self._tried |= wanted
        self._workspace.background.run(
            lambda _report, stop: _make_missing(project, dataset, wanted, stop), done=self._on_made, failed=self._on_failed, lane="previews"
        )

    def _on_made(self, num: int) -> None:
        self._is_busy = False
        if num:
            self._workspace.thumbnails.look_again()
        self._look()

    def _on_failed(self, error: object) -> None:
        self._is_busy = False
        self._workspace.changes.failed.emit(error)
        self._look()


def _make_missing(project: "Project", dataset: "Dataset", wanted: frozenset[str], stop: object) -> int:
    from tlstudio.operations.thumbnails import make_missing, thumbnail_store

    samples = [sample for sample in dataset.ready if sample.content_hash in wanted]
    with thumbnail_store(project) as store:
        return make_missing(project, store, samples, stop=stop)
