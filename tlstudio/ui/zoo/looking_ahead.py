"""Keeps what every network would take here in step with the project, the library and the machine."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.progress import Stop
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.rows import ZooRow

if TYPE_CHECKING:
    from tlstudio.domain.dataset import Dataset
    from tlstudio.ui.zoo.look_ahead import Ahead

_LANE = "outlook"


class LookingAhead(QObject):
    """Asks for outlooks in the background, and tells of them where they are others than before."""

    found = Signal(object)
    """Outlooks by `ZooRow.place`."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._holds_for: tuple[object, ...] | None = None
        self._rows: list[ZooRow] = []
        workspace.probing.changed.connect(lambda: self.look(self._rows))
        workspace.changes.speeds_changed.connect(lambda: self.look(self._rows))

    def look(self, rows: list[ZooRow]) -> None:
        """Work them out for these rows, unless nothing has changed since; again when something was measured."""
        self._rows = rows
        dataset, device, known = self._workspace.dataset, self._workspace.networks.device, self._holds_for
        if rows:
            work = self._workspace.background
            work.run(lambda _report, stop: _ahead(rows, dataset, device, known, stop), done=self._on_found, lane=_LANE)

    def _on_found(self, ahead: "Ahead | None") -> None:
        if ahead is not None:
            self._holds_for = ahead.holds_for
            self.found.emit(ahead.outlooks)


def _ahead(rows: list[ZooRow], dataset: "Dataset | None", device: str, known: tuple[object, ...] | None, stop: Stop) -> "Ahead | None":
    from tlstudio.ui.zoo.look_ahead import look_ahead

    return look_ahead(rows, dataset, device=device, known=known, stop=stop)
