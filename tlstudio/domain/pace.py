"""How fast a training goes and how long it will still take, from what its epochs have taken so far.

One step says little: steps wait for images in turns, and the looks at validation between the epochs may take longer than the steps.
"""

from typing import TYPE_CHECKING

import msgspec

from tlstudio.domain import events as ev
from tlstudio.domain.plan import Plan

if TYPE_CHECKING:
    from tlstudio.domain.run_state import RunState

_WINDOW_S = 10.0
_NUM_EPOCHS = 3
"""Epochs whose mean is what the next one will take: more know no slower ones, as when more stages train."""
_LOOK_SHARE = 1 / 3
"""Of the time of a training step: an image of validation passes the network once and not back. Only until an epoch is over."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Working time of the newest epochs, each with its validation and its checkpoints, seconds."""

    epochs_s: tuple[float, ...] = ()
    began_s: float | None = None
    """Working time of the job at which the present epoch began; None where that is not known."""
    is_whole: bool = True
    """Whether the present epoch was not interrupted."""
    loading_since_s: float | None = None
    """Working time at which the job began to load its libraries; None where it does not load any now."""
    loading_s: float = 0.0
    """What that took, of all attempts; 0 for a job that a waiting process took over."""


def paced(pace: Pace, event: ev.AnyEvent, worked_s: float) -> Pace:
    """The pace after `event`, at `worked_s` seconds of work."""
    if pace.loading_since_s is not None:
        pace = msgspec.structs.replace(pace, loading_since_s=None, loading_s=pace.loading_s + worked_s - pace.loading_since_s)
    if isinstance(event, ev.PhaseStarted) and event.phase == "libraries":
        return msgspec.structs.replace(pace, loading_since_s=worked_s)
    if isinstance(event, ev.Resumed | ev.RolledBack):
        return msgspec.structs.replace(pace, began_s=None, is_whole=isinstance(event, ev.Resumed) and event.from_step == 0)
    if isinstance(event, ev.PhaseStarted) and event.phase == "finetune":
        return msgspec.structs.replace(pace, began_s=worked_s if pace.is_whole else None)
    if isinstance(event, ev.Validated) and event.epoch > 0:
        took = () if pace.began_s is None else (worked_s - pace.began_s,)
        return msgspec.structs.replace(pace, epochs_s=(*pace.epochs_s, *took)[-_NUM_EPOCHS:], began_s=worked_s, is_whole=True)
    return pace


def images_per_second(state: "RunState") -> float | None:
    """Images a second: of a fine-tuning over the last ten seconds of steps, otherwise as the job says; None where nothing is known."""
    plan, steps = state.plan, state.steps
    if state.phase != "finetune" or plan is None or not plan.num_steps:
        return state.per_second
    per_step = plan.num_train * plan.num_epochs / plan.num_steps
    images = seconds = 0.0
    for place in range(len(steps) - 1, -1, -1):
        rate = steps[place].images_per_second
        if rate:
            num_steps = steps[place].step - (steps[place - 1].step if place else 0)
            images += num_steps * per_step
            seconds += num_steps * per_step / rate
        if seconds >= _WINDOW_S:
            break
    return images / seconds if seconds else None


def seconds_left(state: "RunState") -> float | None:
    """Working time until the present phase is over, stopping early not counted; None where it cannot be said honestly."""
    rate, plan = images_per_second(state), state.plan
    if state.phase == "finetune" and plan is not None and plan.num_steps and len(state.steps):
        done = state.steps[-1].step * plan.num_epochs / plan.num_steps
        return _epochs_left_s(state.pace, state, plan, done, rate)
    if state.total and rate:
        return max(0, state.total - state.done) / rate
    return None


def _epochs_left_s(pace: Pace, state: "RunState", plan: Plan, done: float, rate: float | None) -> float | None:
    """`done`: epochs whose steps are done, with a part of the present one."""
    if pace.epochs_s:
        epoch_s = sum(pace.epochs_s) / len(pace.epochs_s)
    elif rate:
        epoch_s = (plan.num_train + _LOOK_SHARE * plan.num_val) / rate
    else:
        return None
    judged = state.validations[-1].epoch if len(state.validations) else 0
    rest_s = epoch_s * max(0.0, 1.0 - (done - judged))
    if pace.began_s is not None:  # the steps may be done and the look at validation still under way
        rest_s = max(rest_s, epoch_s - (state.worked_s - pace.began_s))
    return epoch_s * max(0, plan.num_epochs - judged - 1) + rest_s if judged < plan.num_epochs else 0.0
