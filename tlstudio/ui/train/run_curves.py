"""How far a plot of a run reaches from left to right, and what is marked on it.

A run with fine-tuning is drawn over its epochs: the solved head has the room left of 0, where the backbone is unfrozen. A head
alone is drawn over the steps of its solver. How busy the machine is is drawn over the run's working time.
"""

from dataclasses import dataclass
from math import ceil

from tlstudio.domain.run_state import RunState
from tlstudio.ui.plots.curves import Mark
from tlstudio.ui.plots.scale import step_ticks
from tlstudio.ui.train.run_rows import clock
from tlstudio.ui.words import tr

_HEAD_ROOM = 0.13
"""Share of the epochs that the head's part is as wide as."""
_LEAST_RESERVED, _RESERVE = 20, 1.25
"""Epochs a run under way has room for at first, and how far before the right edge the axis becomes longer."""
_TICK_PX, _HEAD_WORD_PX, _CLOCK_PX = 36, 32, 52
_CLOCK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)


@dataclass(frozen=True)
class Across:
    """How far a run's plot reaches from left to right, and where on it a step is."""

    num_head_steps: int
    num_epochs: int
    """How many the axis shows; 0 for a head alone."""
    steps_per_epoch: float
    has_head_room: bool = True
    """Whether a head that a fine-tuning follows has room left of it."""

    @property
    def has_finetune(self) -> bool:
        """Whether there is more than a head."""
        return self.num_epochs > 0

    @property
    def name(self) -> str:
        """Of the axis."""
        return tr("Epoch") if self.has_finetune else tr("Step of the solver: one penalty after another, validation chooses")

    @property
    def low(self) -> float:
        """The left edge."""
        return -_HEAD_ROOM * self.num_epochs if self.has_finetune and self.has_head_room else 0.0

    @property
    def high(self) -> float:
        """The right edge."""
        return float(self.num_epochs) if self.has_finetune else float(max(1, self.num_head_steps))

    def of_head(self, step: int) -> float:
        """Where a step of the solver is."""
        return self.low * (1.0 - step / max(1, self.num_head_steps)) if self.has_finetune else float(step)

    def of_step(self, step: int) -> float:
        """Where a step of the fine-tuning is."""
        return step / self.steps_per_epoch

    def ticks(self, width_px: int) -> tuple[tuple[float, str], ...]:
        """Words below a plot of this width."""
        most = max(2, width_px // _TICK_PX)
        steps = tuple((float(at), str(at)) for at in step_ticks(0, self.high, most=most))
        head_px = width_px * -self.low / (self.high - self.low)
        return ((self.low / 2, tr("head")), *steps) if head_px >= _HEAD_WORD_PX else steps

    def words(self, x: float) -> str:
        """A place on the plot, for the read-out."""
        if not self.has_finetune:
            return tr("Step {step} of the solver", step=round(x))
        if x < 0 and self.has_head_room:
            return tr("New head, step {step}", step=max(1, round(self.num_head_steps * (1.0 - x / self.low))))
        return tr("Epoch {epoch}", epoch=f"{x:.1f}".removesuffix(".0"))


def across_of(state: RunState) -> Across:
    """How far this run's plot reaches: as far as its data once it is over, else with room for what comes next."""
    plan = state.plan
    num_head = state.head_steps[-1].step if len(state.head_steps) else 0
    if plan is None or not plan.num_steps or not plan.num_epochs:
        return Across(num_head, 0, 1.0)
    per_epoch = plan.num_steps / plan.num_epochs
    last = max([events[-1].step for events in (state.steps, state.validations) if len(events)], default=0)
    reached = max(1, ceil(last / per_epoch - 1e-9))
    num_epochs = reached if state.status.is_over else _reserved(reached)
    return Across(num_head, min(plan.num_epochs, num_epochs), per_epoch)


def _reserved(reached: int) -> int:
    """Epochs that the axis of a run under way shows: doubled in good time, so that it seldom moves and is never mostly empty."""
    num_epochs = _LEAST_RESERVED
    while num_epochs < _RESERVE * reached:
        num_epochs *= 2
    return num_epochs


@dataclass(frozen=True)
class Clock:
    """A plot over the working time of a run, in seconds."""

    high: float
    low: float = 0.0

    @property
    def name(self) -> str:
        """Of the axis."""
        return tr("Working time, min:s") if self.high < 3600 else tr("Working time, h:min:s")

    def ticks(self, width_px: int) -> tuple[tuple[float, str], ...]:
        """Words below a plot of this width."""
        most = max(1, width_px // _CLOCK_PX)
        step = next((step for step in _CLOCK_STEPS_S if self.high / step <= most), _CLOCK_STEPS_S[-1])
        return tuple((float(at), clock(at)) for at in range(0, int(self.high) + 1, step))

    def words(self, x: float) -> str:
        """A place on the plot, for the read-out."""
        return tr("After {time}", time=clock(x))


def clock_of(state: RunState) -> Clock:
    """As far as this run has been looked at."""
    return Clock(max(1.0, state.looks[-1].seconds if len(state.looks) else 0.0))


def marks_of(state: RunState, across: Across) -> list[Mark]:
    """What happened on the way, where it did."""
    if not across.has_finetune:
        return []
    marks = [
        Mark(across.of_step(item.step), tr("{n} stages", n=item.num_stages) if number else tr("backbone unfrozen"))
        for number, item in enumerate(state.unfreezings)
    ]
    marks += [Mark(across.of_step(item.to_step), tr("went back")) for item in state.rollbacks]
    marks += [Mark(across.of_step(item.from_step), tr("continued")) for item in state.resumptions if item.from_step]
    if state.status.is_over and state.best is not None and state.best.step:
        marks.append(Mark(across.of_step(state.best.step), tr("kept")))
    return sorted(marks, key=lambda mark: mark.x)
