"""The state of the Train panel: what would be trained, what was, and which buttons that leaves."""

from dataclasses import dataclass

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.run_state import RunState, Status
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.status_words import busy_words, idle_words, same_before
from tlstudio.ui.words import tr


@dataclass(frozen=True)
class Controls:
    """Which buttons there are; each answers for the run that is under way."""

    can_start: bool
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

    @property
    def controls(self) -> Controls:
        """The buttons."""
        run = self.board.active
        status = self.board.status(run) if run is not None else None
        state = self.board.states.get(run.number) if run is not None else None
        asked = state.acknowledged if state is not None else ""
        under_way = status in (Status.RUNNING, Status.PAUSED)
        ending = asked in ("stop", "cancel")
        return Controls(
            can_start=run is None and self.choice.network is not None and not self.is_starting,
            can_queue=run is not None and self.choice.network is not None,
            can_pause=status is Status.RUNNING and not asked,
            can_continue=status is Status.PAUSED and not ending,
            can_stop=under_way and not ending,
            can_discard=run is not None and asked != "cancel",
        )

    @property
    def subject(self) -> str:
        """What the header says."""
        run = self.board.active
        if run is not None:
            return busy_words(self.board.states.get(run.number) or RunState())
        if self.is_starting:
            return tr("Starting…")
        recipe = self.choice.recipe
        before = same_before(self.board.runs, recipe) if recipe is not None else None
        return idle_words(self.dataset, self.choice.network_name, before)

    @property
    def fraction(self) -> float | None:
        """Share of the run under way that is done; None where it cannot be said."""
        state = self.board.states.get(self.board.active.number) if self.board.active is not None else None
        return state.fraction if state is not None else None
