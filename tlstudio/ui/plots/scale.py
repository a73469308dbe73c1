"""Round numbers for axes, and how a value is written on them."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from tlstudio.ui.words import tr

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LOW_ENDS = (0.75, 0.5, 0.0)
_LOG_REACH = 1e-6
"""On a logarithmic axis, how far below the highest value the lowest may be; what is smaller lies at the edge."""


_WILD = 1e3
_LEAST_PX = 15
"""Between two words upwards."""


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
    name: str = ""
    """Of the numbers as they are kept, for a table."""


def _read(value: float) -> str:
    return f"{value:.3g}" if 1e-3 <= abs(value) < 100 or value == 0 else f"{value:.1e}" if abs(value) < 1e-3 else f"{value:.0f}"


def _load_ticks(_low: float, _high: float) -> Ticks:
    return share_ticks(0.0)


def _part_ticks(_low: float, high: float) -> Ticks:
    """From 0 to a round share at or over the highest: 0.4 % is seen, too."""
    return value_ticks(min(1.0, high))


def _with_unit(unit: str) -> Callable[[Ticks], tuple[str, ...]]:
    return lambda ticks: tuple(f"{word} {unit}" for word in value_words(ticks))


NUMBER = Unit(ticks=lambda _low, high: value_ticks(high), words=value_words, readout=_read)
UNITS = {
    "number": NUMBER,
    "percent": Unit(
        ticks=lambda low, _high: share_ticks(low), words=share_words, readout=lambda value: f"{value * 100:.1f} %", name="share"
    ),
    "load": Unit(ticks=_load_ticks, words=share_words, readout=lambda value: f"{value * 100:.0f} %", name="share"),
    "part": Unit(ticks=_part_ticks, words=share_words, readout=lambda value: f"{value * 100:.1f} %", name="share"),
    "rate": replace(
        NUMBER, readout=lambda value: tr("{rate} img/s", rate=f"{value:,.0f}" if value >= 10 else f"{value:.1f}"), name="images/s"
    ),
    "gigabytes": replace(NUMBER, words=_with_unit("GB"), readout=lambda value: f"{value:.2f} GB", name="GB"),
    "degrees": replace(NUMBER, words=_with_unit("°C"), readout=lambda value: f"{value:.0f} °C", name="°C"),
}


def log_ticks(lowest: float, highest: float, *, num_steps: int = 6) -> Ticks:
    """Powers of ten around all values over 0; every second or third one where there are many."""
    high = highest if highest > 0 else 1.0
    low = max(lowest if lowest > 0 else high * _LOG_REACH, high * _LOG_REACH)
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    last = max(last, first + 1)
    step = math.ceil((last - first) / num_steps)
    return Ticks(10.0**first, 10.0**last, tuple(10.0**power for power in range(last, first - 1, -step))[::-1])


def log_words(ticks: Ticks) -> tuple[str, ...]:
    """All as "0.01" or, where one is too small or large for that, all as "1e-5"."""
    is_plain = ticks.at[0] >= 1e-4 * 0.99 and ticks.at[-1] < 1e5
    return tuple(f"{value:g}" if is_plain else f"1e{round(math.log10(value))}" for value in ticks.at)


def thinned(ticks: Ticks, room_px: int) -> Ticks:
    """As many of the ticks as have room for their words below each other, the first and the last always."""
    num_steps = len(ticks.at) - 1
    kept = next(
        every
        for every in range(1, num_steps + 1)
        if num_steps % every == 0 and (every * room_px >= num_steps * _LEAST_PX or every == num_steps)
    )
    return replace(ticks, at=ticks.at[::kept])


def sensible_high(highest: float, first: float) -> float:
    """The highest value that a scale must reach: a loss that leaves all bounds would flatten everything before it.

    `first` is the highest of those that curves begin with. Only what is a thousand times that, and large, is cut off.
    """
    return 10.0 * first if first > 0 and highest > max(_WILD, _WILD * first) else highest


def step_ticks(low: float, high: float, *, most: int = 8) -> tuple[int, ...]:
    """Whole numbers in low..high at a round distance, at most `most` of them."""
    span = max(1.0, high - low)
    unit = 10 ** max(0, math.floor(math.log10(span / most)) if span > most else 0)
    step = next(unit * factor for factor in (1, 2, 5, 10, 20, 50) if span / (unit * factor) <= most)
    first = math.ceil(low / step) * step
    return tuple(range(first, math.floor(high) + 1, step))
