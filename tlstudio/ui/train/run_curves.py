"""From the state of a run to the points of its curves; only what is new where that is possible.

A run with fine-tuning is drawn over its epochs: the solved head has the room left of 0, where the backbone is unfrozen. A head
alone is drawn over the steps of its solver.
"""

from dataclasses import dataclass, field

from tlstudio.domain.events import StepTrained
from tlstudio.domain.run_state import RunState
from tlstudio.domain.trace import Trace
from tlstudio.ui.plots.scale import step_ticks
from tlstudio.ui.words import tr

_HEAD_ROOM = 0.18
"""Share of the epochs that the head's part is as wide as."""
_TICK_PX, _HEAD_WORD_PX = 36, 44


@dataclass(frozen=True)
class Across:
    """How far a run's plot reaches from left to right, and where on it a step is."""

    num_head_steps: int
    num_epochs: int
    """0 for a head alone."""
    steps_per_epoch: float

    @property
    def has_finetune(self) -> bool:
        """Whether there is more than a head."""
        return self.num_epochs > 0

    @property
    def low(self) -> float:
        """The left edge."""
        return -max(1.0, _HEAD_ROOM * self.num_epochs) if self.has_finetune else 0.0

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
        if x < 0:
            return tr("New head, step {step}", step=max(1, round(self.num_head_steps * (1.0 - x / self.low))))
        return tr("Epoch {epoch}", epoch=f"{x:.1f}".removesuffix(".0"))


def across_of(state: RunState) -> Across:
    """How far this run's plot reaches."""
    plan = state.plan
    num_head = state.head_steps[-1].step if len(state.head_steps) else 0
    if plan is None or not plan.num_steps or not plan.num_epochs:
        return Across(num_head, 0, 1.0)
    return Across(num_head, plan.num_epochs, plan.num_steps / plan.num_epochs)


@dataclass
class Points:
    """x and y of a piece of a curve."""

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def add(self, x: float, y: float | None) -> None:
        """One more; a value that is not finite is no point."""
        if y is not None:
            self.xs.append(x)
            self.ys.append(y)

    def __bool__(self) -> bool:
        return bool(self.xs)


@dataclass(frozen=True)
class CurveNews:
    """What changed in a run's curves since they were last asked for."""

    across: Across
    restart: bool
    """`training` holds the whole curve, not only what is new."""
    training: Points
    loss: Points
    """Validation, whole."""
    balanced: Points
    """Balanced accuracy on validation, whole."""
    unfrozen_at: float | None


class RunCurves:
    """Follows one run."""

    def __init__(self) -> None:
        self._across: Across | None = None
        self._attempt = 0
        self._num_steps = 0

    def news(self, state: RunState) -> CurveNews:
        """What is new in `state`."""
        across = across_of(state)
        restart = across != self._across or state.attempt != self._attempt or len(state.steps) < self._num_steps
        training = Points()
        if restart:
            _add_head(training, state.head_steps, across)
            self._num_steps = 0
        for event in state.steps.since(self._num_steps):
            training.add(across.of_step(event.step), event.loss)
        self._across, self._attempt, self._num_steps = across, state.attempt, len(state.steps)
        return CurveNews(
            across=across,
            restart=restart,
            training=training,
            loss=loss_points(state, across),
            balanced=balanced_points(state, across),
            unfrozen_at=across.of_step(state.unfrozen.step) if state.unfrozen is not None and across.has_finetune else None,
        )


def _add_head(points: Points, steps: Trace[StepTrained], across: Across) -> None:
    for event in steps:
        points.add(across.of_head(event.step), event.loss)


def loss_points(state: RunState, across: Across) -> Points:
    """Loss on validation: one for each penalty the head was tried with, then one a look."""
    points = Points()
    if state.head is not None:
        ends = {event.epoch: event.step for event in state.head_steps}
        strongest_first = sorted(state.head.validation_loss.items(), key=lambda item: -float(item[0]))
        for index, (_penalty, loss) in enumerate(strongest_first):
            if index in ends:
                points.add(across.of_head(ends[index]), loss)
    if across.has_finetune or not points:
        for seen in state.validations:
            points.add(across.of_step(seen.step) if across.has_finetune else across.high, seen.loss)
    return points


def balanced_points(state: RunState, across: Across) -> Points:
    """Balanced accuracy on validation; a single point for a head alone."""
    points = Points()
    for seen in state.validations:
        points.add(across.of_step(seen.step) if across.has_finetune else across.high, seen.balanced_accuracy)
    return points


def beside(state: RunState, shown: Across, *, loss: bool) -> Points:
    """Another run's validation curve for a plot that reaches across `shown`.

    Epochs of two fine-tunings lie on each other. Where either is a head alone the other run is a level: the result it kept.
    """
    across = across_of(state)
    if across.has_finetune and shown.has_finetune:
        points = Points()
        for seen in state.validations:
            points.add(across.of_step(seen.step), seen.loss if loss else seen.balanced_accuracy)
        return points
    kept = state.best
    level = None if kept is None else kept.loss if loss else kept.balanced_accuracy
    points = Points()
    points.add(shown.low, level)
    points.add(shown.high, level)
    return points
