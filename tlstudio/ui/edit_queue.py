"""Edits on their way to the disk, one after the other; where the disk refuses one, it and those after it wait here and are tried again."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from tlstudio.domain.commands import Change
from tlstudio.domain.dataset import Dataset
from tlstudio.errors import DiskRefusedError, TLStudioError
from tlstudio.log import logger
from tlstudio.ui import snapshot
from tlstudio.ui.background import Background, is_alive

if TYPE_CHECKING:
    from tlstudio.project.project import Project

log = logger(__name__)

RETRY_MS = 3000


@dataclass(eq=False)
class _Edit:
    """One intent. What it has changed is kept, so that an edit that is in the database is never made twice."""

    project: "Project"
    work: "Callable[[Project], Change | None]"
    failed: Callable[[TLStudioError], object] | None
    was_refused: bool = False
    is_made: bool = False
    made: Change | None = None

    def make(self) -> None:
        if not self.is_made:
            self.made = self.work(self.project)
            self.is_made = True

    def carry_out(self, _report: object, _stop: object) -> tuple[Change | None, Dataset | None]:
        self.make()
        if self.made is None:
            return None, None
        # A first try may have saved a part of it, which nobody was told of.
        change = msgspec.structs.replace(self.made, added=True, classes=True) if self.was_refused else self.made
        return change, snapshot.load(self.project)


class EditQueue(QObject):
    """At most one edit is under way, so that a later one never overtakes one that has to wait."""

    made = Signal(object, object, object)
    """The project, its `Change` (None: nothing to do) and the newer `Dataset`."""
    failed = Signal(object)
    """A `TLStudioError` that no panel wants to show."""
    saving_changed = Signal(bool)
    refused_changed = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.refusal: DiskRefusedError | None = None
        """Why edits wait; None while the disk takes them."""
        self._background = background
        self._edits: deque[_Edit] = deque()
        self._under_way: _Edit | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.try_now)

    @property
    def num_refused(self) -> int:
        """Edits that are only in memory because the disk refuses them."""
        return len(self._edits) if self.refusal is not None else 0

    def add(
        self, project: "Project", work: "Callable[[Project], Change | None]", *, failed: Callable[[TLStudioError], object] | None = None
    ) -> None:
        """Make an edit when its turn comes."""
        self._edits.append(_Edit(project, work, failed))
        self.saving_changed.emit(True)
        if self.refusal is not None:
            self.refused_changed.emit()
        self.try_now()

    def try_now(self) -> None:
        """Go on with the edit whose turn it is."""
        if self._under_way is None and self._edits:
            self._timer.stop()
            self._under_way = self._edits[0]
            self._background.run(self._under_way.carry_out, done=self._on_done, failed=self._on_failed)

    def drop(self) -> None:
        """Forget what waits."""
        self._edits.clear()
        self._timer.stop()
        self._settle()

    def leave(self) -> threading.Event:
        """The project is left: what waits is made without being shown. The event says that it is done."""
        rest = [edit for edit in self._edits if edit is not self._under_way]
        left = threading.Event()

        def work(_report: object, _stop: object) -> None:
            try:
                _make(rest)
            finally:
                left.set()

        self._background.run(work)
        self.drop()
        return left

    def close(self) -> None:
        """The window closes and no lane works any more: make what was still waiting."""
        _make(self._edits)
        self._edits.clear()
        self._timer.stop()

    def _on_done(self, result: tuple[Change | None, Dataset | None]) -> None:
        edit = self._taken()
        if edit is not None:
            self.made.emit(edit.project, *result)
        self._go_on()

    def _on_failed(self, error: TLStudioError) -> None:
        if isinstance(error, DiskRefusedError) and self._under_way is not None and self._under_way in self._edits:
            self._under_way.was_refused = True
            self._under_way = None
            self.refusal = error
            self._timer.start(RETRY_MS)
            self.refused_changed.emit()
            return
        edit = self._taken()
        if edit is not None and is_alive(edit.failed):
            edit.failed(error)
        elif edit is not None:
            self.failed.emit(error)
        self._go_on()

    def _taken(self) -> _Edit | None:
        """The edit that is over, out of the queue; None where its project was left meanwhile."""
        edit, self._under_way = self._under_way, None
        if edit is None or edit not in self._edits:
            return None
        self._edits.popleft()
        return edit

    def _go_on(self) -> None:
        if self._edits:
            if self.refusal is not None:
                self.refused_changed.emit()
            self.try_now()
        else:
            self._settle()

    def _settle(self) -> None:
        was_refused = self.refusal is not None
        self.refusal = None
        self.saving_changed.emit(False)
        if was_refused:
            self.refused_changed.emit()


def _make(edits: Iterable[_Edit]) -> None:
    """Nobody looks any more: what is refused now is only logged."""
    for edit in edits:
        try:
            edit.make()
        except TLStudioError as error:
            log.warning("an edit was not made when its project was left: %s", error)
