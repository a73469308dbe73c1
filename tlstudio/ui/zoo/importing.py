"""Bringing weights in: look at a file in the background, show what it is, store it when the person agrees."""

from collections import deque
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.networks import Recognition, WeightsCard
from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.errors import TLStudioError
from tlstudio.ui.background import Task
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.import_card import ImportCard

if TYPE_CHECKING:
    from tlstudio.zoo.sets import WeightsSet

_LANE = "weights"


def file_kinds() -> str:
    """What the dialog for weights shows: the endings that files of weights have."""
    endings = "*.safetensors *.pth *.pt *.bin *.th *.ckpt *.tar *.tlweights config.json"
    return f"{tr('Weights')} ({endings});;{tr('All files')} (*)"


class Importing(QObject):
    """One file after the other; nothing is stored unasked. Of a folder with several sets a person chooses first."""

    began = Signal()
    """There is something to confirm."""
    ended = Signal(object)
    """The `WeightsCard` that is here now, or None."""
    failed = Signal(object)
    """A `TLStudioError`; nothing was stored."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.card = ImportCard()
        self._workspace = workspace
        self._waiting: deque[Path] = deque()
        self._found: Recognition | None = None
        self._replaced: Recognition | None = None
        """Found before another network was asked for."""
        self._is_choosing = False
        self._task: Task | None = None
        self._num_looks = 0
        self.card.confirmed.connect(self.on_confirmed)
        self.card.cancelled.connect(self.on_cancelled)
        self.card.architecture_chosen.connect(self.on_architecture_chosen)

    @property
    def is_busy(self) -> bool:
        """Whether something is being looked at, or waits to be confirmed."""
        return self._task is not None or self._found is not None or self._is_choosing

    def bring(self, paths: Iterable[Path]) -> None:
        """Look at these, one after the other."""
        self._waiting.extend(paths)
        if not self.is_busy:
            self._next()

    def _next(self) -> None:
        if self._waiting:
            self._look(self._waiting.popleft())

    def _look(self, path: Path, *, architecture: str | None = None) -> None:
        self.card.show_looking(path)
        self.began.emit()
        self._num_looks += 1
        self._task = self._workspace.background.run(
            partial(_look_at, path, architecture),
            done=partial(self._on_found, self._num_looks),
            failed=partial(self._on_not_found, self._num_looks),
            progress=partial(self._on_progress, self._num_looks),
            lane=_LANE,
        )

    def _on_progress(self, look: int, progress: Progress) -> None:
        if look == self._num_looks:
            self.card.show_progress(progress)

    def _on_found(self, look: int, found: "Recognition | tuple[WeightsSet, ...]") -> None:
        if look != self._num_looks:
            if isinstance(found, Recognition):
                self._forget(found)
            return
        self._task = None
        if isinstance(found, Recognition):
            self._found, self._replaced = found, None
            self.card.show_recognition(found)
        else:
            self._is_choosing = True
            self.card.show_sets(found)

    def _on_not_found(self, look: int, error: TLStudioError) -> None:
        if look == self._num_looks:
            self._on_failed(error)

    def _on_failed(self, error: TLStudioError) -> None:
        for found in (self._found, self._replaced):
            if found is not None:
                self._forget(found)
        self._task = self._found = self._replaced = None
        self.failed.emit(error)
        self.ended.emit(None)
        self._next()

    def on_architecture_chosen(self, name: str) -> None:
        if self._found is not None and name != self._found.proposal.architecture:
            # What was converted stays where it is: the next look takes it over, and it is taken away where that look finds nothing.
            self._replaced, path, self._found = self._found, Path(self._found.origin), None
            self._look(path, architecture=name)

    def on_confirmed(self) -> None:
        from tlstudio.operations import weights

        if self._is_choosing:
            self._on_chosen()
            return
        found = self._found
        if found is None or self._task is not None:
            return
        if found.already_here:
            self._forget(found)
            self._end(found.proposal)
            return
        self.card.show_importing()
        work = partial(
            weights.import_weights,
            found,
            architecture=found.proposal.architecture,
            licence=self.card.licence.text(),
            name=self.card.name.text(),
        )
        self._task = self._workspace.background.run(lambda _r, _s: work(), done=self._on_imported, failed=self._on_failed, lane=_LANE)

    def _on_imported(self, card: WeightsCard) -> None:
        self._workspace.changes.said.emit(tr("{name} is on this computer now.", name=card.name))
        self._end(card)

    def _on_chosen(self) -> None:
        """The sets that were ticked are looked at one after the other, before what waits."""
        self._is_choosing = False
        self._waiting.extendleft(reversed(self.card.sets.chosen()))
        self._end(None)

    def on_cancelled(self) -> None:
        if self._task is not None and self._found is not None:
            return  # it is being stored
        self._num_looks += 1  # whatever a look that is under way finds, nobody wants it any more
        if self._task is not None:
            self._task.stop()
        for found in (self._found, self._replaced):
            if found is not None:
                self._forget(found)
        self._is_choosing = False
        self._end(None)

    def _forget(self, found: Recognition) -> None:
        """What was converted for the look is taken away, behind whatever else is done with weights."""
        from tlstudio.operations import weights

        self._workspace.background.run(lambda _r, _s: weights.forget_inspected(found), lane=_LANE)

    def _end(self, card: WeightsCard | None) -> None:
        self._task = self._found = self._replaced = None
        self.ended.emit(card)
        self._next()


def _look_at(path: Path, architecture: str | None, report: Report, stop: Stop) -> "Recognition | tuple[WeightsSet, ...]":
    """What `path` is, or the sets that a folder of several offers."""
    from tlstudio.operations import weights

    sets = weights.sets_at(path)
    if len(sets) > 1:
        return sets
    return weights.inspect_weights(sets[0].path, architecture=architecture, report=report, stop=stop)
