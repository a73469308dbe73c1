"""The state of the Train panel: what would be trained, what was, and which buttons that leaves."""

from dataclasses import dataclass

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.status_words import busy_words, idle_words, lead_words, same_before
from tlstudio.ui.words import tr


@dataclass(frozen=True)
class Controls:
    """Which buttons there are; each answers for the run that is under way."""

    can_start: bool
    can_repeat: bool
    """Whether several seeds of what would be started say anything."""
    can_queue: bool
    can_pause: bool
    can_continue: bool
    can_stop: bool
    can_discard: bool


class TrainModel:
    """Plain state; the panel renders it."""

    def __init__(self, choice: RecipeChoice | None = None) -> None:
        self.dataset: Dataset | None = None
        self.choice = choice or RecipeChoice()
        self.board = RunBoard()
        self.is_starting = False
        self._asked: tuple[int, Command, Status] | None = None

    def ask(self, run: Run, command: Command) -> None:
        """A person wants this of `run`; that is shown until the run has got there."""
        self._asked = run.number, command, self.board.status(run)

    def hear(self, number: int, state: RunState) -> None:
        """News of a run; what it was asked for is over once it stands elsewhere."""
        self.board.observe(number, state)
        if self._asked is not None and self._asked[0] == number and self._asked[2] is not state.status:
            self._asked = None

    def forget_asked(self) -> None:
        """It could not be told."""
        self._asked = None

    def _wish(self, run: Run | None) -> str:
        """What the run was asked for; empty where it has got there."""
        if run is None:
            return ""
        if self._asked is not None and self._asked[0] == run.number:
            return self._asked[1].value
        state = self.board.states.get(run.number)
        return state.acknowledged if state is not None else ""

    @property
    def controls(self) -> Controls:
        """The buttons."""
        run = self.board.active
        status = self.board.status(run) if run is not None else None
        asked = self._wish(run)
        can_start = run is None and self.choice.network is not None and not self.is_starting
        recipe = self.choice.recipe
        under_way = status in (Status.RUNNING, Status.PAUSED)
        ending = asked in ("stop", "cancel")
        return Controls(
            can_start=can_start,
            can_repeat=can_start and recipe is not None and recipe.has_chance,
            can_queue=run is not None and self.choice.network is not None,
            can_pause=status is Status.RUNNING and not asked,
            can_continue=status is Status.PAUSED and not ending and asked != "run",
            can_stop=under_way and not ending,
            can_discard=run is not None and asked != "cancel",
        )

    @property
    def subject(self) -> str:
        """What the header says."""
        state = self._busy_state
        if state is not None:
            return busy_words(state)
        if self.is_starting:
            return tr("Starting…")
        return self._idle_words()

    @property
    def short_subject(self) -> str:
        """The same for a narrow window; empty where it is short already."""
        state = self._busy_state
        if state is not None:
            return busy_words(state, is_short=True)
        return "" if self.is_starting else self._idle_words(is_short=True)

    @property
    def subject_lead(self) -> str:
        """What it begins with of a run under way, and what must be read in any window: the epoch and the time left."""
        state = self._busy_state
        return lead_words(state) if state is not None else ""

    def _idle_words(self, *, is_short: bool = False) -> str:
        recipe = self.choice.recipe
        before = same_before(self.board.runs, recipe) if recipe is not None else None
        return idle_words(self.dataset, self.choice.network_name, before, is_short=is_short)

    @property
    def _busy_state(self) -> RunState | None:
        """Of the run under way, as what was asked of it will have it."""
        run = self.board.active
        if run is None:
            return None
        state, wish = self.board.states.get(run.number) or RunState(), self._wish(run)
        return state if wish == "run" else msgspec.structs.replace(state, acknowledged=wish)

    @property
    def fraction(self) -> float | None:
        """Share of the run under way that is done; None where it cannot be said."""
        state = self.board.states.get(self.board.active.number) if self.board.active is not None else None
        return state.fraction if state is not None else None
