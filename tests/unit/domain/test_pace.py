"""How fast a training goes and when it will be over: from written journals whose whole length is known."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import pytest

from tests.journals import events
from tlstudio.domain import events as ev
from tlstudio.domain.events import AnyEvent
from tlstudio.domain.pace import images_per_second, seconds_left
from tlstudio.domain.plan import Plan
from tlstudio.domain.run_state import RunState, apply

_EPOCHS, _STEPS, _BATCH = 8, 10, 24
_STEP_S, _LOOK_S, _SAVE_S = 0.8, 9.0, 0.5
_PLAN = next(event.plan for event, _time in events("balanced") if isinstance(event, ev.PlanFixed))


def _step(step: int, seconds: float) -> ev.StepTrained:
    return ev.StepTrained(step=step, epoch=(step - 1) // _STEPS, loss=1.0, images_per_second=_BATCH / seconds)


def _training(*, look_s: float = _LOOK_S) -> Iterator[tuple[AnyEvent, float]]:
    """A fine-tuning: every second step four times as slow as the others, and long looks at validation between the epochs."""
    plan = {"num_epochs": _EPOCHS, "num_steps": _EPOCHS * _STEPS, "num_train": _STEPS * _BATCH, "num_val": 60}
    now = 1000.0
    yield ev.Started(attempt=1, pid=1), now
    yield ev.PlanFixed(plan=_plan(**plan)), now
    yield ev.PhaseStarted(phase="finetune", total=_EPOCHS * _STEPS, silence_limit_s=60.0), now
    for epoch in range(_EPOCHS):
        for number in range(_STEPS):
            seconds = _STEP_S * (0.4 if number % 2 else 1.6)
            now += seconds
            yield _step(epoch * _STEPS + number + 1, seconds), now
        for _part in range(3):
            now += look_s / 3
            yield ev.StillWorking(), now
        yield ev.Validated(step=(epoch + 1) * _STEPS, epoch=epoch + 1, loss=1.0, accuracy=0.5, balanced_accuracy=0.5, is_best=False), now
        now += _SAVE_S
        yield ev.CheckpointSaved(step=(epoch + 1) * _STEPS, file="last", hash="", is_best=False), now


def _plan(**sizes: int) -> Plan:
    return msgspec.structs.replace(_PLAN, **sizes)


def _followed(*, look_s: float = _LOOK_S) -> list[tuple[RunState, float]]:
    """Each state with its time."""
    found, state = [], RunState()
    for event, time in _training(look_s=look_s):
        state = apply(state, event, time=time)
        found.append((state, time))
    return found


def test_slow_looks_at_validation_are_part_of_the_time_that_is_left() -> None:
    found = _followed()
    end = found[-1][1]
    for state, time in found:
        if state.pace.epochs_s and end - time > 20:
            assert seconds_left(state) == pytest.approx(end - time, rel=0.2)


def test_the_time_left_never_jumps() -> None:
    left = [(seconds_left(state), time) for state, time in _followed() if state.pace.epochs_s]
    for (before, at), (after, later) in pairwise(left):
        assert before is not None
        assert after is not None
        assert abs((before - after) - (later - at)) < 3.0


def test_before_an_epoch_is_over_the_looks_are_counted_too() -> None:
    state, time = next(item for item in _followed(look_s=1.2) if len(item[0].steps) == 4)
    assert seconds_left(state) == pytest.approx(_followed(look_s=1.2)[-1][1] - time, rel=0.2)


def test_the_rate_is_that_of_several_steps_without_what_comes_between_them() -> None:
    rates = [images_per_second(state) for state, _time in _followed() if len(state.steps) >= 2 * _STEPS]
    assert rates
    for rate in rates:
        assert rate == pytest.approx(_BATCH / _STEP_S, rel=0.15)


def test_an_epoch_that_was_interrupted_says_nothing_of_the_next() -> None:
    whole = _followed()
    state, time = next(item for item in whole if len(item[0].steps) == 2 * _STEPS + 5)
    known = state.pace.epochs_s
    again = [
        ev.Started(attempt=2, pid=2),
        ev.Resumed(attempt=2, from_step=2 * _STEPS + 4),
        ev.PhaseStarted(phase="finetune", total=_EPOCHS * _STEPS, silence_limit_s=60.0),
        ev.Validated(step=3 * _STEPS, epoch=3, loss=1.0, accuracy=0.5, balanced_accuracy=0.5, is_best=False),
    ]
    for place, event in enumerate(again):
        state = apply(state, event, time=time + 500 + place)
    assert state.pace.epochs_s == known
