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
        self._ended = ""
        """What came of the run that was over last: said again with the start of the next one, which would take its place at once."""
        """Numbers of the runs that wait for their turn, the next one first."""
        self._goes_on = self._is_starting = False
        workspace.watches.ended.connect(self._on_ended)

    def begin(self, queue: tuple[int, ...]) -> None:
        """Another project is open; a queue that was left in it goes on when the person says so, or after the run that it began."""
        self.queue, self._is_starting, self._ended = queue, False, ""
        self._goes_on = any(run.status.is_under_way for run in self._workspace.runs)

    @property
    def is_held(self) -> bool:
        """Whether runs wait that no run's end starts, but a person here."""
        return bool(self.queue) and not self._goes_on and self._workspace.is_writable

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

        def on_done(answer: tuple[list[int], tuple[Message, ...]]) -> None:
            queued = tr_n("1 run was queued.", "{n} runs were queued.", num_seeds)
            workspace.changes.said.emit(" ".join([queued, *map(say, answer[1])]))
            self.go_on(project)

        workspace.changes.said.emit(tr_n("Queueing 1 run…", "Queueing {n} runs…", num_seeds))
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

    def go_on(self, project: "Project") -> None:
        """From now on each run of the queue starts when the one before it is over.

        Where another project was opened since the queue of `project` was asked for, or the same one for reading only, nothing starts:
        nobody said so of the one that is open now, and what waits in `project` is spoken of when that is open again.
        """
        from tlstudio.operations import projects

        open_now = self._workspace.project
        if open_now is not None and open_now.writable and projects.is_same(open_now, project):
            self._goes_on = True
            self.refresh()
        else:
            self._workspace.changes.said.emit(tr("What was queued waits until {project} is open again.", project=project.name))

    def refresh(self) -> None:
        """Fold the journals of runs into the table and show it."""
        project = self._workspace.project
        if project is not None:
            self._workspace.background.run(lambda _report, _stop: _ingest(project), done=lambda read: self._show(project, *read))

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
        self._ended = ended_words(run, state) if run is not None else ""
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
        if (
            self._is_starting
            or not (self._goes_on and self.queue and project.writable)
            or any(run.status.is_under_way for run in workspace.runs)
        ):
            return

        def on_started(job: Started) -> None:
            self._is_starting = False
            before, self._ended = self._ended, ""
            starts = tr("Run {number} of the queue starts.", number=job.number)
            workspace.changes.said.emit(f"{before}. {starts}" if before else starts)
            self._on_started(job)

        def on_failed(error: TLStudioError) -> None:
            self._is_starting = False
            if error.title.id != _NONE_WAITS:
                workspace.changes.failed.emit(error)
                self.refresh()

        self._is_starting = True
        workspace.watches.start(partial(_next, project, workspace.warm), started=on_started, failed=on_failed)


def _ingest(project: "Project") -> tuple[list[Run], list[int]]:
    from tlstudio.operations import queueing
    from tlstudio.project import recorder

    recorder.ingest(project)
    return project.runs(), queueing.order(project)


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
