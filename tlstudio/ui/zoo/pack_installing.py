"""Weight packs in the window: look into one in the background, show what is in it, install it when the person agrees."""

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.packs import Installed, PackContents
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.ui.background import Task
from tlstudio.ui.words import tr, tr_n
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.pack_card import PackCard

_LANE = "weights"


class PackInstalling(QObject):
    """One pack after the other; nothing is installed unasked."""

    began = Signal()
    """There is something to look at."""
    ended = Signal(object)
    """A `WeightsCard` that is here now, or None."""
    failed = Signal(object)
    """A `TLStudioError`: the pack, or a set of it, was refused."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.card = PackCard()
        self._workspace = workspace
        self._waiting: deque[Path] = deque()
        self._found: PackContents | None = None
        self._looking: Task | None = None
        self._installing: Task | None = None
        self.card.confirmed.connect(self.on_confirmed)
        self.card.cancelled.connect(self.on_cancelled)
        self.card.stop_wanted.connect(self.on_stop_wanted)

    @property
    def is_busy(self) -> bool:
        """Whether a pack is being looked into, waits for an answer or is being installed."""
        return self._looking is not None or self._found is not None

    def bring(self, packs: Iterable[Path]) -> None:
        """Look into these, one after the other."""
        self._waiting.extend(packs)
        if not self.is_busy:
            self._next()

    def _next(self) -> None:
        if not self._waiting:
            return
        from tlstudio.operations import installing

        path = self._waiting.popleft()
        self.card.show_looking(path)
        self.began.emit()
        background = self._workspace.background
        task = background.run(
            lambda _r, _s: installing.look_into_pack(path),
            done=lambda found: self._on_found(task, found),
            failed=lambda error: self._on_not_found(task, error),
            lane=_LANE,
        )
        self._looking = task

    def _on_found(self, task: Task, found: PackContents) -> None:
        if task is self._looking:
            self._looking, self._found = None, found
            self.card.show_contents(found)

    def _on_not_found(self, task: Task, error: TLStudioError) -> None:
        if task is self._looking:
            self._on_failed(error)

    def on_confirmed(self) -> None:
        from tlstudio.operations import installing

        found = self._found
        if found is None or self._installing is not None:
            return
        self._installing = self._workspace.background.run(
            lambda report, stop: installing.install_pack(Path(found.file), report=report, stop=stop),
            done=self._on_installed,
            failed=self._on_failed,
            progress=self.card.show_progress,
            lane=_LANE,
        )

    def on_stop_wanted(self) -> None:
        if self._installing is not None:
            self._installing.stop()

    def on_cancelled(self) -> None:
        if self._installing is None:
            self._end(None)

    def _on_installed(self, outcome: Installed) -> None:
        self._workspace.changes.said.emit(_words(outcome))
        if outcome.refused:
            self.failed.emit(_refusal(outcome))
        self._end(outcome.installed[0] if outcome.installed else None)

    def _on_failed(self, error: TLStudioError) -> None:
        self.failed.emit(error)
        self._end(None)

    def _end(self, card: object) -> None:
        self._looking = self._installing = self._found = None
        self.ended.emit(card)
        self._next()


def _words(outcome: Installed) -> str:
    """What came of it, in one line."""
    num = len(outcome.installed)
    if outcome.was_stopped:
        return tr_n("Stopped; 1 set was installed before.", "Stopped; {n} sets were installed before.", num)
    if num == 1:
        return tr("{name} is on this computer now.", name=outcome.installed[0].name)
    return tr_n("1 set of weights is on this computer now.", "{n} sets of weights are on this computer now.", num)


def _refusal(outcome: Installed) -> TLStudioError:
    """The first refusal, and the others behind "Show details"."""
    first, *others = outcome.refused
    if not others:
        return TLStudioError(first.title, first.hint)
    title = message("packs.several_refused", "{num} sets were not installed. {first}", num=len(outcome.refused), first=first.title.text())
    return TLStudioError(title, first.hint, details="\n".join(f"{item.title} {item.hint}" for item in outcome.refused))
