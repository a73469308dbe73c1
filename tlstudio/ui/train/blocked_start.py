"""A start that findings stand in the way of: the one button that mends them, the way to Data, or a reason to train all the same."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from tlstudio.domain.findings import TrainingBlockedError
from tlstudio.errors import TLStudioError
from tlstudio.ui.train.override_row import OverrideRow
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.project.project import Project

Again = Callable[[str], object]


class Failed(Protocol):
    """Says why something was not done."""

    def __call__(self, error: TLStudioError, *, again: Again | None = None, project: "Project | None" = None) -> object:
        """`again` is what was ordered, to be done with a reason where findings stand in its way; `project` where, if it matters."""


class BlockedStart(QObject):
    """Says it in the panel's notice, with the row for a reason below."""

    def __init__(self, workspace: Workspace, notice: Notice, override: OverrideRow) -> None:
        super().__init__(notice)
        self._again: Again | None = None
        self._workspace = workspace
        self._notice = notice
        self._override = override
        override.wanted.connect(self._on_reason)

    def show_error(self, error: TrainingBlockedError, *, again: Again) -> None:
        """Offer what this error leaves to do; `again` is what was wanted, to be done with a reason."""
        self._again = again
        if error.can_be_mended and self._workspace.is_writable:
            self._notice.show_error(error.for_window(), button_text=tr("Move them together"), on_click=lambda: self._mend(error))
        else:
            self._notice.show_error(
                error.for_window(), button_text=tr("Go to Data"), on_click=lambda: self._workspace.changes.show_panel.emit("data")
            )
        self._override.show()

    def clear(self) -> None:
        """Nothing stands in the way any more."""
        self._again = None
        self._notice.clear()
        self._override.hide()

    def forget(self) -> None:
        """Something else is wanted now; what is no error stays to be read."""
        self._notice.clear_error()
        self._override.hide()

    def _on_reason(self, reason: str) -> None:
        again = self._again
        self.clear()
        if again is not None:
            again(reason)

    def _mend(self, error: TrainingBlockedError) -> None:
        """Whole units to one side; the status line says what moved, and the start is free again."""
        from tlstudio.operations import health

        self.clear()
        self._workspace.edit(lambda project: health.mend_leaks(project, error.findings), failed=self._notice.show_error)
