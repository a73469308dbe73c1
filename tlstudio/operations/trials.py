"""Small sweeps: trials of a recipe's settings, ordered at the end of the queue, and what came of them.

A sweep is nothing but its runs: each says in its order which one it belongs to, so there is no file of its own to lose.
"""

from collections.abc import Collection, Sequence

import msgspec

from tlstudio.domain.events import Pruned
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.domain.setting_spec import Value
from tlstudio.domain.trials import Drawn, SearchKind, Trial, TrialPlan, draw, is_one_head
from tlstudio.errors import TLStudioError
from tlstudio.jobs import outcome
from tlstudio.jobs.watcher import read_state
from tlstudio.messages import Message, message
from tlstudio.operations import queueing, tpe, training
from tlstudio.operations.runs import folder_of
from tlstudio.operations.trial_starts import Entered, entered
from tlstudio.project.project import Project


class TrialRow(msgspec.Struct, frozen=True, kw_only=True):
    """A trial and how it stands."""

    number: int
    """Within the sweep, from 1."""
    run: int
    values: tuple[Value, ...]
    """Of the sweep's settings, in their order."""
    status: Status
    words: Message
    """How it stands, as the window says it."""
    pruned: Pruned | None = None
    balanced_accuracy: float | None = None
    """The best on validation so far."""
    loss: float | None = None


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """Trials that belong together, without those that were discarded."""

    id: int
    plan: TrialPlan
    num_trials: int
    """As many as were ordered."""
    trials: tuple[TrialRow, ...]
    is_one_head: bool = False
    """No trial was better than the head alone, which all that left a model keep."""

    @property
    def judged(self) -> list[TrialRow]:
        """Those that left a model: by the highest balanced accuracy on validation, then the lowest loss, then their number."""
        left = (Status.FINISHED, Status.STOPPED)
        return sorted((row for row in self.trials if row.balanced_accuracy is not None and row.status in left), key=_rank)

    @property
    def best(self) -> TrialRow | None:
        """The first of those; None where they are all the same."""
        return None if self.is_one_head else next(iter(self.judged), None)

    @property
    def num_over(self) -> int:
        """Trials that have ended."""
        return sum(row.status.is_over for row in self.trials)


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep that waits in the queue."""

    sweep: int
    runs: tuple[int, ...]
    notes: tuple[Message, ...]
    """What a person should know, such as combinations that were left out."""


def drawn(base: Recipe, plan: TrialPlan) -> Drawn:
    """The trials that `plan` makes of `base`. Raises `TLStudioError` where it makes none, or needs what is not installed."""
    if plan.kind is SearchKind.TPE:
        tpe.require()
    try:
        return draw(base, plan)
    except ValueError as error:
        raise TLStudioError(
            message("sweep.none", "That makes no trials: {reason}.", reason=str(error)),
            message("sweep.none.hint", "Name other settings or values, or take another recipe. Nothing was queued."),
        ) from error


def order_sweep(project: Project, base: Recipe, plan: TrialPlan, *, override: str = "") -> Ordered:
    """Let the trials of `plan` wait at the end of the queue. Raises as `drawn` and `queueing.enqueue`; those ordered before stay."""
    found = drawn(base, plan)
    sweep = max((item.trial.sweep for item in entered(project)), default=0) + 1
    total = len(found.recipes)
    trials = [Trial(sweep=sweep, number=number, num_trials=total, plan=plan) for number in range(1, total + 1)]
    runs, notes = queueing.enqueue(project, found.recipes, override=override, trials=trials)
    return Ordered(sweep=sweep, runs=tuple(runs), notes=(*found.refused, *notes))


def sweeps(project: Project) -> list[Sweep]:
    """All sweeps of a project, each with its trials as they stand at this moment."""
    by_id: dict[int, list[Entered]] = {}
    for item in entered(project):
        by_id.setdefault(item.trial.sweep, []).append(item)
    return [_sweep(project, items) for _id, items in sorted(by_id.items())]


def find_sweep(project: Project, id: int) -> Sweep:
    """One of them. Raises `TLStudioError` where there is none of this number."""
    items = list(entered(project, id))
    if not items:
        raise TLStudioError(
            message("sweep.unknown", "{project} has no sweep {id}.", project=project.name, id=id),
            message("sweep.unknown.hint", "`tlstudio sweep P` lists them. Nothing was changed."),
        )
    return _sweep(project, items)


def trials_of(project: Project, runs: Collection[int]) -> dict[int, Trial]:
    """Which of these runs are trials."""
    return {item.run.number: item.trial for item in entered(project, only=runs)}


def cancel_rest(project: Project, id: int) -> list[int]:
    """Take the trials that still wait out of the queue: the numbers of their runs. Raises `TLStudioError`."""
    waiting = [row.run for row in find_sweep(project, id).trials if row.status is Status.QUEUED]
    for number in waiting:
        training.discard_run(project, number)
    return waiting


def _sweep(project: Project, items: Sequence[Entered]) -> Sweep:
    trial = items[-1].trial
    states = [read_state(folder_of(project, item.run)) for item in items]
    rows = (_row(item.run, item.trial, state) for item, state in zip(items, states, strict=True))
    kept = [(item.run.recipe, state.summary) for item, state in zip(items, states, strict=True) if state.summary is not None]
    return Sweep(
        id=trial.sweep,
        plan=trial.plan,
        num_trials=trial.num_trials,
        trials=tuple(sorted(rows, key=lambda row: row.number)),
        is_one_head=is_one_head(kept),
    )


def _row(run: Run, trial: Trial, state: RunState) -> TrialRow:
    kept = state.summary or state.best
    return TrialRow(
        number=trial.number,
        run=run.number,
        values=tuple(SETTINGS[id].read(run.recipe) for id in trial.plan.settings),
        status=state.status,
        words=outcome.words(state),
        pruned=state.pruned,
        balanced_accuracy=kept.balanced_accuracy if kept is not None else None,
        loss=kept.loss if kept is not None else None,
    )


def _rank(row: TrialRow) -> tuple[float, float, int]:
    loss = row.loss if row.loss is not None else float("inf")
    return -(row.balanced_accuracy or 0.0), loss, row.number
