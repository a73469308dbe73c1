"""What the library of weights takes and what in it is damaged: read in the background, checked on demand, removed when agreed."""

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from tlstudio.domain.library import LibraryState
from tlstudio.errors import TLStudioError
from tlstudio.ui.background import Task
from tlstudio.ui.widgets.confirm import confirm
from tlstudio.ui.words import tr, tr_n
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.library_line import LibraryLine

_LANE = "library"


class LibraryKeeping(QObject):
    """Feeds a `LibraryLine`."""

    failed = Signal(object)
    """A `TLStudioError`."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self.line = LibraryLine()
        self._workspace = workspace
        self._state: LibraryState | None = None
        self._check: Task | None = None
        workspace.changes.weights_changed.connect(self.reload)
        self.line.folder_wanted.connect(self.on_folder_wanted)
        self.line.check_wanted.connect(self.on_check_wanted)
        self.line.stop_wanted.connect(self.on_stop_wanted)
        self.line.remove_wanted.connect(self.on_remove_wanted)

    def reload(self) -> None:
        """Look again, as deeply as is needed to find again what was found damaged."""
        from tlstudio.operations import weights

        verify = self._state is not None and bool(self._state.damaged)
        self._workspace.background.run(
            lambda _r, _s: weights.library_state(verify=verify), done=self._on_read, failed=self._on_failed, lane=_LANE
        )

    def _on_read(self, state: LibraryState) -> None:
        self._state = state
        if self._check is None:
            self.line.show_state(state)

    def on_folder_wanted(self) -> None:
        if self._state is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._state.folder))

    def on_check_wanted(self) -> None:
        from tlstudio.operations import weights

        if self._check is None:
            self._check = self._workspace.background.run(
                lambda report, stop: weights.library_state(verify=True, report=report, stop=stop),
                done=self._on_checked,
                failed=self._on_failed,
                progress=self.line.show_progress,
                lane=_LANE,
            )

    def on_stop_wanted(self) -> None:
        if self._check is not None:
            self._check.stop()

    def _on_checked(self, state: LibraryState) -> None:
        was_stopped = self._check is not None and self._check.stopping.is_set()
        self._check = None
        self._on_read(state)
        if was_stopped:
            self._workspace.changes.said.emit(tr("Stopped; not all weights were checked."))
        elif not state.damaged:
            words = tr_n("The imported set of weights is whole.", "{n} imported sets of weights are whole, every one.", state.num_sets)
            self._workspace.changes.said.emit(words)

    def on_remove_wanted(self, folder: str) -> None:
        confirm(
            self.line,
            tr("Remove the damaged weights in {folder}?", folder=folder),
            tr("They cannot be used as they are. To train from them again, import their file or install their pack again."),
            yes=tr("Remove"),
            on_yes=lambda: self._remove(folder),
        )

    def _remove(self, folder: str) -> None:
        from tlstudio.operations import weights

        def on_removed(_result: object) -> None:
            self._workspace.changes.said.emit(tr("The damaged weights in {folder} are gone.", folder=folder))
            self._workspace.networks.reload()
            self.reload()

        self._workspace.background.run(lambda _r, _s: weights.remove_damaged(folder), done=on_removed, failed=self._on_failed, lane=_LANE)

    def _on_failed(self, error: TLStudioError) -> None:
        self._check = None
        self.failed.emit(error)
