"""From the state of a run to the points of its curves; only what is new where that is possible."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tlstudio.domain.events import DeviceLooked, StepTrained, Validated
from tlstudio.domain.run_state import RunState
from tlstudio.ui.train.run_curves import Across


@dataclass
class Points:
    """x and y of a piece of a curve."""

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def add(self, x: float, y: float | None) -> None:
        """One more; a value that is not finite is no point."""
        if y is not None and math.isfinite(y):
            self.xs.append(x)
            self.ys.append(y)


class Source(Protocol):
    """Where the points of a curve come from."""

    def is_told(self, state: RunState) -> bool:
        """Whether the run says anything of it."""

    def key(self, state: RunState, across: Across) -> Hashable:
        """While this is the same, points are only added behind those that are there."""

    def length(self, state: RunState) -> int:
        """How much of it there is."""

    def points(self, state: RunState, across: Across, start: int) -> Points:
        """What came after the first `start`."""


@dataclass(frozen=True)
class OfSteps:
    """A value of each step that was told."""

    value: Callable[[StepTrained], float | None]
    with_head: bool = False
    """Whether the steps of the head's solver have it too."""

    def is_told(self, state: RunState) -> bool:
        return _is_told(state.steps, self.value) or (self.with_head and _is_told(state.head_steps, self.value))

    def key(self, state: RunState, across: Across) -> Hashable:
        return across, state.attempt, len(state.rollbacks)

    def length(self, state: RunState) -> int:
        return self._num_head(state) + len(state.steps)

    def _num_head(self, state: RunState) -> int:
        return len(state.head_steps) if self.with_head else 0

    def points(self, state: RunState, across: Across, start: int) -> Points:
        points, num_head = Points(), self._num_head(state)
        for event in state.head_steps.since(start) if start < num_head else ():
            points.add(across.of_head(event.step), self.value(event))
        for event in state.steps.since(max(0, start - num_head)):
            points.add(across.of_step(event.step), self.value(event))
        return points


@dataclass(frozen=True)
class OfLooks:
    """How busy the machine was, over the run's working time."""

    value: Callable[[DeviceLooked], float | None]

    def is_told(self, state: RunState) -> bool:
        return _is_told(state.looks, self.value)

    def key(self, _state: RunState, _across: Across) -> Hashable:
        return None

    def length(self, state: RunState) -> int:
        return len(state.looks)

    def points(self, state: RunState, _across: Across, start: int) -> Points:
        points = Points()
        for event in state.looks.since(start):
            points.add(event.seconds, self.value(event))
        return points


@dataclass(frozen=True)
class OfValidations:
    """A value of each look at validation; they are few, and told whole where there is another."""

    value: Callable[[Validated], float | None]

    def is_told(self, state: RunState) -> bool:
        return _is_told(state.validations, self.value)

    def key(self, state: RunState, across: Across) -> Hashable:
        return across, tuple(state.validations)

    def length(self, state: RunState) -> int:
        return len(state.validations)

    def points(self, state: RunState, across: Across, start: int) -> Points:
        points = Points()
        for seen in state.validations.since(start):
            points.add(across.of_step(seen.step) if across.has_finetune else across.high, self.value(seen))
        return points


class Feed:
    """Follows one curve of one run."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._key: Hashable = self  # like no other, so that the first news is the whole
        self._length = 0

    def news(self, state: RunState, across: Across) -> tuple[bool, Points]:
        """Whether these points are the whole curve, and the points: else those behind what was told before."""
        key, length = self._source.key(state, across), self._source.length(state)
        is_whole = key != self._key or length < self._length
        start = 0 if is_whole else self._length
        self._key, self._length = key, length
        return is_whole, self._source.points(state, across, start)


def _is_told(events: Sequence[Any] | Any, value: Callable[[Any], float | None]) -> bool:
    return len(events) > 0 and (value(events[-1]) is not None or value(events[0]) is not None)
