"""Where the points of a plot of runs are, as a table tells it: in steps and epochs of each run, not where they are drawn."""

from dataclasses import dataclass

from tlstudio.domain.run_state import RunState
from tlstudio.ui.plots.curves import CurveSpec
from tlstudio.ui.plots.export import Places
from tlstudio.ui.train.run_curves import Across, across_of

HEAD, FINETUNE = "head", "fine-tuning"


@dataclass(frozen=True)
class Drawn:
    """One run as it lies in a plot."""

    number: int
    state: RunState
    shown: Across
    """How far the plot reaches."""
    is_beside: bool
    """Whether it is not the run that is looked at."""

    @property
    def is_level(self) -> bool:
        """Whether only what it came to is drawn, from edge to edge."""
        return self.is_beside and not (self.shown.has_finetune and across_of(self.state).has_finetune)

    def place(self, x: float) -> tuple[str, ...] | None:
        """Run, phase, step, epoch. An epoch is told as it is drawn: 2.5 is the middle of the third."""
        if self.is_level and x != self.shown.low:
            return None
        own, best = across_of(self.state), self.state.best
        if self.is_level and own.has_finetune and best is not None:
            return self._tuned(best.step, own)
        if self.is_level or not own.has_finetune:
            step = own.num_head_steps if self.is_level else round(x)
        elif x > 0:
            return self._tuned(round(x * own.steps_per_epoch), own)
        else:
            step = round(own.num_head_steps * (1.0 - x / self.shown.low)) if self.shown.low else own.num_head_steps
        return str(self.number), HEAD, str(step), ""

    def _tuned(self, step: int, own: Across) -> tuple[str, ...]:
        return str(self.number), FINETUNE, str(step), f"{step / own.steps_per_epoch:.6g}"


def places_over_steps(selected: Drawn | None, beside: dict[str, Drawn]) -> Places:
    """Of a plot over epochs; runs `beside` by the id of their curve."""

    def of(spec: CurveSpec, x: float) -> tuple[str, ...] | None:
        drawn = beside.get(spec.id, selected)
        return drawn.place(x) if drawn is not None else None

    return Places(("run", "phase", "step", "epoch"), of)


def places_over_time(selected: int | None, beside: dict[str, int]) -> Places:
    """Of a plot over the working time of runs."""
    return Places(("run", "seconds"), lambda spec, x: (str(beside.get(spec.id, selected)), f"{x:.10g}"))
