"""The row of images by likeness: worked out in the background when it is first wanted, kept while the project is open."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.progress import Progress
from tlstudio.ui.background import Task
from tlstudio.ui.words import number, say, tr
from tlstudio.ui.workspace import Workspace


class Likeness(QObject):
    """`found` when `places` are there. Says in the status line how far it is; who wants something else stops it."""

    found = Signal()
    failed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._task: Task | None = None
        self.places: Mapping[str, int] = {}
        """By content hash."""

    def find(self) -> None:
        """Work the row out, where there are images without a place in it."""
        from tlstudio.operations.likeness import places_by_likeness

        project, dataset = self._workspace.project, self._workspace.dataset
        if project is None or dataset is None or self._task is not None:
            return
        if self.places and all(sample.content_hash in self.places for sample in dataset.samples if sample.width_px):
            self.found.emit()
            return

        def on_done(places: dict[str, int] | None) -> None:
            if self._task is task:
                self._task = None
                self.places = places or {}
                self._workspace.changes.said.emit(tr("Neighbours look alike now: select a stripe with Shift, then a key sets its class."))
                self.found.emit()

        def on_failed(error: object) -> None:
            if self._task is task:
                self._task = None
                self.failed.emit(error)

        task = self._task = self._workspace.background.run(
            lambda report, stop: places_by_likeness(project, dataset, report=report, stop=stop),
            done=on_done,
            failed=on_failed,
            progress=self._on_progress,
            lane="likeness",
        )

    def stop(self) -> None:
        """Something else is wanted."""
        if self._task is not None:
            self._task.stop()
            self._task = None

    def forget(self) -> None:
        """Another project is open."""
        self.stop()
        self.places = {}

    def _on_progress(self, progress: Progress) -> None:
        if self._task is not None:
            words = tr("{what}: {done} of {total}", what=say(progress.what), done=number(progress.done), total=number(progress.total or 0))
            self._workspace.changes.said.emit(words)
