"""The runs there are: which is looked at, which lie beside it, and how each stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run, best_run, is_judged_alike, newest_usable
from tlstudio.domain.trials import Trial
from tlstudio.ui.train.run_rows import RunRow, run_row

MAX_OVERLAYS = 4


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What a row of the table is made of."""

    run: Run
    state: RunState | None = field(compare=False)
    """Another one with every event; compared by what it is, as its traces are long."""
    is_overlaid: bool
    place: int | None
    with_seed: bool
    trial: Trial | None
    apart_from: int | None


class RunBoard:
    """Plain state; every method leaves it consistent."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        """Newest first."""
        self.states: dict[int, RunState] = {}
        self.selected: int | None = None
        self.overlaid: list[int] = []
        self.places: dict[int, int] = {}
        """Which colour and dashes each run that is ticked has, from 0, for as long as it is ticked."""
        self.queue: tuple[int, ...] = ()
        """Numbers of the runs that wait, the next one first."""
        self.is_held = False
        """Whether they wait until a person starts the queue."""
        self.trials: dict[int, Trial] = {}
        """The runs that are part of a sweep."""
        self._made: dict[int, tuple[_Told, RunRow]] = {}
        """The rows of the table, each with what it was made of."""

    def show_runs(self, runs: Iterable[Run], queue: tuple[int, ...] = (), *, is_held: bool = False) -> None:
        """The run table was read again, and the queue."""
        waited, self.queue, self.is_held = self.queue, queue, is_held
        before = {run.number for run in self.runs}
        self.runs = sorted(runs, key=lambda run: -run.number)
        numbers = [run.number for run in self.runs]
        self.overlaid = [number for number in self.overlaid if number in numbers]
        self._place_overlays()
        self.states = {number: state for number, state in self.states.items() if number in numbers}
        self._made = {number: made for number, made in self._made.items() if number in numbers}
        new = [number for number in numbers if number not in before]
        is_first_look = not before
        if self.selected not in numbers:
            self.selected = None
        if numbers and self.selected is None:
            # One that waits has no curves yet; what a person left off at has.
            self.selected = next((number for number in numbers if number not in queue), numbers[0])
        elif not is_first_look:
            self._follow([number for number in (*new, *waited) if number in numbers and number not in queue])

    def _follow(self, begun: list[int]) -> None:
        """Look at a run that has begun. One that waits, or begins after the one looked at, leaves live curves where they are."""
        chosen = self.run(self.selected)
        if begun and (chosen is None or not self.status(chosen).is_under_way):
            self.selected = max(begun)

    def observe(self, number: int, state: RunState) -> None:
        """News of a run."""
        self.states[number] = state

    def select(self, number: int | None) -> None:
        """Look at this run."""
        self.selected = number

    def overlay(self, number: int, shown: bool) -> None:
        """Lay a run's curves over those of the selected one, or no longer; the oldest gives way where there are too many."""
        self.overlaid = [item for item in self.overlaid if item != number]
        if shown:
            self.overlaid = [*self.overlaid, number][-MAX_OVERLAYS:]
        self._place_overlays()

    def _place_overlays(self) -> None:
        """A run keeps its place; a new one takes that of its number, else the first that is free."""
        self.places = {number: place for number, place in self.places.items() if number in self.overlaid}
        for number in self.overlaid:
            if number not in self.places:
                wanted = (number % MAX_OVERLAYS, *range(MAX_OVERLAYS))
                self.places[number] = next(place for place in wanted if place not in self.places.values())

    def run(self, number: int | None) -> Run | None:
        """A run by its number."""
        return next((run for run in self.runs if run.number == number), None)

    def state(self, number: int | None) -> RunState | None:
        """A run's journal, folded, where it has been read."""
        return self.states.get(number) if number is not None else None

    def status(self, run: Run) -> Status:
        """Where a run stands, by its journal where it has been read."""
        state = self.states.get(run.number)
        return state.status if state is not None else run.status

    def can_continue(self, run: Run) -> bool:
        """Whether a run that is over can be gone on with."""
        state = self.states.get(run.number)
        return state.can_continue if state is not None else run.status is Status.INTERRUPTED

    def is_usable(self, run: Run) -> bool:
        """Whether a run has left a model."""
        return self._as_they_stand([run])[0].is_usable

    def _as_they_stand(self, runs: Iterable[Run]) -> list[Run]:
        return [msgspec.structs.replace(run, status=self.status(run)) for run in runs]

    @property
    def active(self) -> Run | None:
        """The run under way that the buttons speak to: the selected one if it is, else the newest."""
        under_way = [run for run in self.runs if self.status(run).is_under_way]
        chosen = [run for run in under_way if run.number == self.selected]
        return (chosen or under_way or [None])[0]

    @property
    def reference(self) -> Run | None:
        """The best usable run other than the selected one, drawn in grey; judged on the same images, else it is no measure for it."""
        selected = self.run(self.selected)
        others = [run for run in self.runs if selected is None or (run is not selected and is_judged_alike(run, selected))]
        best = best_run(self._as_they_stand(others))
        return None if best is None or best.number in self.overlaid else best

    @property
    def drawn(self) -> list[Run]:
        """The runs whose curves are on the plots, the best other one left out."""
        return [run for run in self.runs if run.number == self.selected or run.number in self.overlaid]

    def needed(self) -> list[Run]:
        """Runs whose journal must be read before everything can be shown."""
        reference = self.reference
        wanted = {self.selected, *self.overlaid, reference.number if reference is not None else None}
        ended_badly = (Status.FAILED, Status.INTERRUPTED)
        return [run for run in self.runs if run.number not in self.states and (run.number in wanted or run.status in ended_badly)]

    @property
    def rows(self) -> list[RunRow]:
        """The run table, newest first."""
        with_seed = len({run.recipe.seed for run in self.runs}) > 1
        newest = newest_usable(self._as_they_stand(self.runs))  # as `best_run` has it: one that waits has no figures to measure by
        return [self._row(run, with_seed=with_seed, newest=newest) for run in self.runs]

    def _row(self, run: Run, *, with_seed: bool, newest: Run | None) -> RunRow:
        """Made again only where something of it is new: news of one run come several times a second, and the table may be long."""
        number = run.number
        told = _Told(
            run=run,
            state=self.states.get(number),
            is_overlaid=number in self.overlaid,
            place=self._place(run),
            with_seed=with_seed,
            trial=self.trials.get(number),
            apart_from=newest.number if newest is not None and not is_judged_alike(run, newest) else None,
        )
        known = self._made.get(number)
        if known is not None and known[0].state is told.state and known[0] == told:
            return known[1]
        row = run_row(
            run,
            told.state,
            is_overlaid=told.is_overlaid,
            place=told.place,
            with_seed=told.with_seed,
            trial=told.trial,
            apart_from=told.apart_from,
        )
        self._made[number] = told, row
        return row

    def _place(self, run: Run) -> int | None:
        return self.queue.index(run.number) + 1 if run.number in self.queue and self.status(run) is Status.QUEUED else None
