"""Round numbers for axes, and how a value is written on them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LOW_ENDS = (0.75, 0.5, 0.0)


@dataclass(frozen=True)
class Ticks:
    """The range of an axis and where its lines are."""

    low: float
    high: float
    at: tuple[float, ...]


def value_ticks(highest: float, *, num_steps: int = 4) -> Ticks:
    """From 0 to a round number at or over `highest`, with at most `num_steps` steps between."""
    if not math.isfinite(highest) or highest <= 0:
        highest = 1.0
    raw = highest / num_steps
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (*_STEPS, 20.0) if unit * factor >= raw * (1 - 1e-9))
    count = math.ceil(highest / step - 1e-9)
    return Ticks(0.0, count * step, tuple(index * step for index in range(count + 1)))


def share_ticks(lowest: float) -> Ticks:
    """Shares up to 100 % from the highest of 75, 50 and 0 % that every value lies above."""
    low = next(end for end in _LOW_ENDS if lowest >= end or end == 0.0)
    step = (1.0 - low) / (5 if low == 0.75 else 4 if low == 0.0 else 5)
    count = round((1.0 - low) / step)
    return Ticks(low, 1.0, tuple(low + index * step for index in range(count + 1)))


def value_words(ticks: Ticks) -> tuple[str, ...]:
    """Words of all ticks with the same number of digits behind the point."""
    step = ticks.at[1] - ticks.at[0]
    if not 1e-4 <= step < 1e5:
        return tuple(f"{value:.2g}" for value in ticks.at)
    digits = next(count for count in range(8) if abs(step * 10**count - round(step * 10**count)) < 1e-6)
    return tuple(f"{value:.{digits}f}" if value else "0" for value in ticks.at)


def share_words(ticks: Ticks) -> tuple[str, ...]:
    """0.75 as "75 %"."""
    return tuple(f"{value * 100:.4g} %" for value in ticks.at)


@dataclass(frozen=True)
class Unit:
    """How the values of a plot are scaled and written."""

    ticks: Callable[[float, float], Ticks]
    """From the lowest and the highest value."""
    words: Callable[[Ticks], tuple[str, ...]]
    readout: Callable[[float], str]


def _read(value: float) -> str:
    return f"{value:.3g}" if 1e-3 <= abs(value) < 100 or value == 0 else f"{value:.1e}" if abs(value) < 1e-3 else f"{value:.0f}"


NUMBER = Unit(ticks=lambda _low, high: value_ticks(high), words=value_words, readout=_read)
SHARE = Unit(ticks=lambda low, _high: share_ticks(low), words=share_words, readout=lambda value: f"{value * 100:.1f} %")
UNITS = {"number": NUMBER, "percent": SHARE}


def step_ticks(low: float, high: float, *, most: int = 8) -> tuple[int, ...]:
    """Whole numbers in low..high at a round distance, at most `most` of them."""
    span = max(1.0, high - low)
    unit = 10 ** max(0, math.floor(math.log10(span / most)) if span > most else 0)
    step = next(unit * factor for factor in (1, 2, 5, 10, 20, 50) if span / (unit * factor) <= most)
    first = math.ceil(low / step) * step
    return tuple(range(first, math.floor(high) + 1, step))
