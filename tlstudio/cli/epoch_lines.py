"""The figures of a training in a log: one line for each look at validation, each once."""

from collections.abc import Iterator

from tlstudio.cli.terminal import percent
from tlstudio.domain.events import Validated
from tlstudio.domain.run_state import RunState


class EpochLines:
    """Remembers what it has told of one job."""

    def __init__(self) -> None:
        self._last_step = -1

    def new(self, state: RunState) -> Iterator[str]:
        """Lines for the looks that came since; after a training went back to a checkpoint, those from there on again."""
        looks = state.validations
        self._last_step = min(self._last_step, looks[-1].step if len(looks) else -1)
        before = 0
        for look in looks:
            if look.step > self._last_step:
                self._last_step = look.step
                yield _line(state, look, since=before)
            before = look.step


def _line(state: RunState, look: Validated, *, since: int) -> str:
    """ "Epoch 3 of 14: loss 0.412, validation loss 0.388, accuracy 91.2 %, balanced 90.8 %, the best so far"."""
    validation = [] if look.loss is None else [f"validation loss {look.loss:.3f}"]
    figures = [*validation, f"accuracy {percent(look.accuracy)}", f"balanced {percent(look.balanced_accuracy)}"]
    if look.is_best and look.epoch:
        figures.append("the best so far")
    if not look.epoch:
        return f"Head: {', '.join(figures)}"
    number = f"Epoch {look.epoch}" + (f" of {state.plan.num_epochs}" if state.plan is not None else "")
    losses = [step.loss for step in state.steps if since < step.step <= look.step and step.loss is not None]
    training = [f"loss {sum(losses) / len(losses):.3f}"] if losses else []
    return f"{number}: {', '.join([*training, *figures])}"
