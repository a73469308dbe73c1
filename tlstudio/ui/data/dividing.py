"""Dividing again: opens the card, has it told what a choice would do, does what was chosen."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton

from tlstudio.domain.splits import SplitPlan
from tlstudio.operations.split_preview import SplitPreview, preview
from tlstudio.ui.background import Task
from tlstudio.ui.data.editing import Editing
from tlstudio.ui.data.split_popover import SplitPopover
from tlstudio.ui.workspace import Workspace

_LANE = "split"


class Dividing(QObject):
    """Between the button in the Data panel and the operations."""

    def __init__(self, workspace: Workspace, opener: QPushButton, editing: Editing, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._opener = opener
        self._editing = editing
        self._task: Task | None = None
        self.popover: SplitPopover | None = None
        opener.clicked.connect(self.open)

    def open(self) -> None:
        """Show the card."""
        dataset = self._workspace.dataset
        if dataset is None or self.popover is not None:
            return
        popover = SplitPopover(dataset, num_openings=self._workspace.num_openings, parent=self._opener)
        popover.looked.connect(self._look)
        popover.wanted.connect(self._editing.divide_again)
        popover.closed.connect(self._forget)
        popover.open_below(self._opener)
        self.popover = popover

    def _look(self, plan: SplitPlan, keep_test: bool) -> None:
        dataset, popover = self._workspace.dataset, self.popover
        if dataset is None or popover is None:
            return

        def on_done(found: SplitPreview) -> None:
            if popover is self.popover:
                popover.show_preview(found)

        if self._task is not None:
            self._task.stop()
        self._task = self._workspace.background.run(
            lambda _report, _stop: preview(dataset, plan, keep_test=keep_test), done=on_done, lane=_LANE
        )

    def _forget(self) -> None:
        self.popover = None
