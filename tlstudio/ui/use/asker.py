"""Asks the run in use about images: answers and small pictures come back through lanes of their own."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from tlstudio.domain.serving import Answers
from tlstudio.errors import TLStudioError
from tlstudio.ui.use import asking
from tlstudio.ui.use.asking import Preview
from tlstudio.ui.use.viewmodel import Asked, UseModel
from tlstudio.ui.workspace import Workspace

_AT_ONCE = 16
"""Images a worker is asked about together: answers come in while the others wait."""


class Asker(QObject):
    """Keeps `UseModel` up to date and says when there is something to show."""

    changed = Signal()
    previewed = Signal(object, object)
    """A file and its small picture, None where it cannot be read."""
    failed = Signal(object)
    """A `TLStudioError`."""

    def __init__(self, workspace: Workspace, model: UseModel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = model

    def ask(self, files: Sequence[Path]) -> None:
        """Show new files and ask about them."""
        project = self._workspace.project
        if project is None or self._model.run is None or not files:
            return
        new = self._model.ask(files)
        shown = [item.file for item in new]
        self._workspace.background.run(lambda _report, _stop: asking.previews(project, shown), done=self._on_previews, lane="previews")
        self._ask(new)

    def ask_again(self) -> None:
        """Ask about everything that has no answer of the run in use."""
        self._ask(self._model.waiting)

    def ask_pasted(self, image: QImage) -> None:
        """Ask about a picture that has no file yet."""
        self._workspace.background.run(
            lambda _report, _stop: asking.keep_pasted(image), done=self._on_pasted, failed=self._on_failed, lane="use"
        )

    def _ask(self, asked: Sequence[Asked]) -> None:
        project, run, warm = self._workspace.project, self._model.run, self._workspace.warm
        if project is None or run is None:
            return
        for start in range(0, len(asked), _AT_ONCE):
            part = asked[start : start + _AT_ONCE]
            ids, files = [item.id for item in part], [item.file for item in part]
            self._workspace.background.run(
                lambda _report, _stop, files=files: asking.ask(project, run, files, warm),
                done=partial(self._on_answers, run.number, ids),
                failed=partial(self._on_refused, run.number, ids),
                lane="use",
            )
        self.changed.emit()

    def _on_answers(self, run: int, ids: list[int], answers: Answers) -> None:
        if self._model.accept(run, ids, answers):
            self.changed.emit()

    def _on_refused(self, run: int, ids: list[int], failure: TLStudioError) -> None:
        if self._model.refuse(run, ids):
            self._on_failed(failure)

    def _on_failed(self, failure: TLStudioError) -> None:
        self.changed.emit()
        self.failed.emit(failure)

    def _on_previews(self, found: list[Preview]) -> None:
        for preview in found:
            self.previewed.emit(preview.file, preview.image)

    def _on_pasted(self, file: Path) -> None:
        self.ask([file])
