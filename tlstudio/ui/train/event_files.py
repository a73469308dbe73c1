"""Taking the curves of the runs that are drawn to TensorBoard, where it is installed: one more entry in the menu of each plot."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.operations import event_files
from tlstudio.ui.file_dialogs import ask_folder
from tlstudio.ui.train.curves_view import CurvesView
from tlstudio.ui.words import tr, tr_n
from tlstudio.ui.workspace import Workspace


class EventFiles(QObject):
    """Asks for a folder and writes one file for each run into it, off the UI thread."""

    def __init__(
        self,
        workspace: Workspace,
        curves: CurvesView,
        *,
        runs: Callable[[], list[Run]],
        failed: Callable[[TLStudioError], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runs = runs
        self._failed = failed
        self._over = parent
        for plot in curves.plots:
            plot.exports.more = self.add_to

    def add_to(self, menu: QMenu) -> None:
        """Where the extra is missing there is no entry."""
        if event_files.is_installed():
            menu.addSeparator()
            menu.addAction(tr("Save all curves for TensorBoard…"), self._ask_and_save)

    def _ask_and_save(self) -> None:
        folder = ask_folder(self._over, tr("Save curves for TensorBoard"))
        if folder is not None:
            self.save(folder)

    def save(self, folder: Path) -> None:
        """Write the runs that are drawn."""
        workspace, project, runs = self._workspace, self._workspace.project, self._runs()
        if project is None:
            return

        def on_saved(written: list[Path]) -> None:
            text = tr_n("The curves of 1 run are in {folder}.", "The curves of {n} runs are in {folder}.", len(written), folder=str(folder))
            workspace.changes.said.emit(text)

        def work(_report: object, _stop: object) -> list[Path]:
            return event_files.write_event_files(project, runs, folder)

        workspace.background.run(work, done=on_saved, failed=self._failed, lane="journals")
