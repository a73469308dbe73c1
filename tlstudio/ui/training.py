"""Runs of the open project: started, watched, and read into the table again when one begins or ends."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject

from tlstudio.domain.recipe import RECIPES, Recipe
from tlstudio.domain.run_state import RunState
from tlstudio.domain.runs import Run
from tlstudio.errors import ClosedMeanwhileError, TLStudioError
from tlstudio.messages import Message, message
from tlstudio.ui.background import is_alive
from tlstudio.ui.job_watch import Started
from tlstudio.ui.runs_words import ended_words
from tlstudio.ui.words import say, tr, tr_n

if TYPE_CHECKING:
    from tlstudio.jobs.warm import WarmWorker
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace


_NONE_WAITS = "queue.none"


class Training(QObject):
    """What the workspace does about runs."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self.queue: tuple[int, ...] = ()
        """Numbers of the runs that wait for their turn, the next one first."""
        self._goes_on = self._is_starting = False
        self._said = ""
        """Of the order that lets the queue go on at once: the status line has one text, so it is said again with the run that starts."""
        self._ended = ""
        """What came of the run that was over last, said again for the same reason."""
        workspace.watches.ended.connect(self._on_ended)

    def begin(self, queue: tuple[int, ...], *, goes_on: bool) -> None:
        """Another project is open; a queue that was left in it goes on when the person says so.

        `goes_on` says that a run is under way that it goes on after, see `operations.following`.
        """
        self.queue, self._goes_on, self._is_starting = queue, goes_on, False
        self._said = self._ended = ""

    @property
    def is_held(self) -> bool:
        """Whether runs wait that no run's end starts, but a person here."""
        return bool(self.queue) and not self._goes_on and self._workspace.is_writable

    @property
    def words_of_held(self) -> str:
        """What a person should know who lets a queue that is held go on by ordering more; empty where none is."""
        return tr_n("The run that waited goes first.", "The {n} runs that waited go first.", len(self.queue)) if self.is_held else ""

    def start(
        self,
        recipe: Recipe,
        *,
        override: str = "",
        started: Callable[[Started], object] | None = None,
        failed: Callable[[TLStudioError], object] | None = None,
    ) -> None:
        """Start a run in the thread that then watches it."""
        from tlstudio.operations import training

        project = self._workspace.project
        if project is not None:
            work = partial(training.start_training, project, recipe, warm=self._workspace.warm, override=override)
            self._workspace.watches.start(work, started=partial(self._on_started, also=started), failed=failed)

    def start_first(
        self, *, started: Callable[[Started], object] | None = None, failed: Callable[[TLStudioError], object] | None = None
    ) -> None:
        """Start a quick run with the network that is chosen, or the one that is there."""
        from tlstudio.operations import training

        project, warm = self._workspace.project, self._workspace.warm
        if project is None:
            return

        def work() -> Started:
            return training.start_training(project, first_recipe(project), warm=warm)

        self._workspace.watches.start(work, started=partial(self._on_started, also=started), failed=failed)

    def enqueue(
        self, recipe: Recipe, num_seeds: int = 1, *, override: str = "", failed: Callable[[TLStudioError], object] | None = None
    ) -> None:
        """Let a run for each seed that is still free wait for its turn; the first starts at once where none is under way."""
        from tlstudio.operations import queueing

        workspace, project = self._workspace, self._workspace.project
        if project is None:
            return

        first = self.words_of_held

        def on_done(answer: tuple[list[int], tuple[Message, ...]]) -> None:
            queued = tr_n("1 run was queued.", "{n} runs were queued.", num_seeds)
            self.go_on(project, said=_joined(queued, *map(say, answer[1]), first))

        workspace.changes.said.emit(_joined(tr_n("Queueing 1 run…", "Queueing {n} runs…", num_seeds), first))
        # Seeds are chosen where runs are ordered, one order after the other: here a second click would not know of the first.
        work = partial(queueing.enqueue_seeds, project, recipe, num_seeds, override=override)
        on_failed = self.unless_cut_off(project, failed or workspace.changes.failed.emit)
        workspace.background.run(lambda _report, _stop: work(), done=on_done, failed=on_failed, lane="runs")

    def unless_cut_off(self, project: "Project", failed: Callable[[TLStudioError], object]) -> Callable[[TLStudioError], None]:
        """For orders of several runs: `failed`, but that `project` was closed in the midst of them is said here, for no panel says it."""

        def on_failed(error: TLStudioError) -> None:
            if isinstance(error, ClosedMeanwhileError):
                self._workspace.changes.said.emit(tr("{project} was closed before everything was queued in it.", project=project.name))
            if is_alive(failed):
                failed(error)

        return on_failed

    def go_on(self, project: "Project", *, said: str = "") -> None:
        """Say `said` of what was ordered; from now on each run of the queue starts when the one before it is over.

        Where another project was opened since the queue of `project` was asked for, or the same one for reading only, nothing starts:
        nobody said so of the one that is open now, and what waits in `project` is spoken of when that is open again.
        """
        from tlstudio.operations import projects

        open_now = self._workspace.project
        if open_now is not None and open_now.writable and projects.is_same(open_now, project):
            self._goes_on, self._said, self._ended = True, said, ""  # what ended before was read long ago
            if said:
                self._workspace.changes.said.emit(said)
            self.refresh()
        else:
            waits = tr("What was queued waits until {project} is open again.", project=project.name)
            self._workspace.changes.said.emit(_joined(said, waits))

    def refresh(self) -> None:
        """Fold the journals of runs into the table and show it."""
        project = self._workspace.project
        if project is not None:
            goes_on = self._goes_on and project.writable
            work = partial(_ingest, project, goes_on=goes_on)
            self._workspace.background.run(lambda _report, _stop: work(), done=lambda read: self._show(project, *read))

    def start_warm_worker(self) -> None:
        """Have a job process loaded and waiting, where there is one to be had."""
        warm = self._workspace.warm
        if warm is not None:
            self._workspace.background.run(lambda _report, _stop: warm.start(), lane="warm")

    def _on_started(self, job: Started, *, also: Callable[[Started], object] | None = None) -> None:
        self.refresh()
        if is_alive(also):
            also(job)

    def _on_ended(self, number: int, state: RunState) -> None:
        run = self._workspace.run(number)
        self._ended = f"{ended_words(run, state)}." if run is not None else ""
        self.refresh()
        self.start_warm_worker()

    def _show(self, project: "Project", runs: list[Run], queue: Sequence[int]) -> None:
        if project is self._workspace.project:
            self._workspace.runs, self.queue = runs, tuple(queue)
            self._workspace.changes.runs_changed.emit()
            self._start_next(project)

    def _start_next(self, project: "Project") -> None:
        """Start the run whose turn it is. Where it cannot be started it leaves the queue, and the next one is tried."""
        workspace = self._workspace
        if self._is_starting or not (self._goes_on and self.queue and project.writable):
            return
        if any(run.status.is_under_way for run in workspace.runs):
            self._said = ""  # was read long before this run is over
            return

        def on_started(job: Started) -> None:
            before, self._is_starting = (self._ended, self._said), False
            self._ended = self._said = ""
            workspace.changes.said.emit(_joined(*before, tr("Run {number} of the queue starts.", number=job.number)))
            self._on_started(job)

        def on_failed(error: TLStudioError) -> None:
            self._is_starting = False
            if error.title.id != _NONE_WAITS:
                workspace.changes.failed.emit(error)
                self.refresh()

        self._is_starting = True
        workspace.watches.start(partial(_next, project, workspace.warm), started=on_started, failed=on_failed)


def _ingest(project: "Project", *, goes_on: bool) -> tuple[list[Run], list[int]]:
    from tlstudio.operations import following, queueing
    from tlstudio.project import recorder

    recorder.ingest(project)
    runs, queue = project.runs(), queueing.order(project)
    if goes_on and queue:
        following.mark_under_way(project, runs)
    return runs, queue


def _joined(*sentences: str) -> str:
    """What is said at once, as one text; those that are empty are left out."""
    return " ".join(filter(None, sentences))


def _next(project: "Project", warm: "WarmWorker | None") -> Started:
    from tlstudio.operations import queueing

    started = queueing.start_next(project, warm=warm)
    if started is None:  # another program was quicker
        raise TLStudioError(message(_NONE_WAITS, "No run waits any more."), message("queue.none.hint", "Nothing was started."))
    return started


def first_recipe(project: "Project") -> Recipe:
    """What the one button trains."""
    from tlstudio.operations import preferences, weights

    network = project.settings().network or weights.default_network()
    recipe = RECIPES["quick"].build(network)
    return msgspec.structs.replace(recipe, device=preferences.load().device)
