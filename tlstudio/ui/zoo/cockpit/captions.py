"""The figures below the boxes: of each stage where there is room, else of stages that fare alike together."""

from dataclasses import dataclass
from itertools import groupby

from tlstudio.ui.words import percent, tr
from tlstudio.ui.zoo.cockpit.figures import memory_words
from tlstudio.ui.zoo.cockpit.rates import rate_words
from tlstudio.ui.zoo.cockpit.stages import StageBox
from tlstudio.ui.zoo.rows import NONE, millions

_MB = 1_000_000


def state_words(box: StageBox) -> tuple[str, str]:
    """What happens to a stage, and the tone of its badge."""
    words = {
        "cached": (tr("frozen"), "neutral"),
        "frozen": (tr("frozen"), "neutral"),
        "trains": (tr("trains"), "accent"),
        "adapters": (tr("adapters"), "accent"),
        "new": (tr("new"), "good"),
    }
    return words[box.state]


@dataclass(frozen=True)
class Run:
    """Neighbours in one state, from the box `first` to `last`, and their lines."""

    first: int
    last: int
    lines: tuple[str, ...]


def row_names() -> tuple[str, ...]:
    """What the figures of a column are, from above."""
    return tr("Parameters"), tr("Learning rate"), tr("Share of time"), tr("Memory")


def column_of(box: StageBox) -> tuple[str, ...]:
    """The figures of one stage, in the order of `row_names`."""
    rate = rate_words(box.rate) if box.rate is not None else NONE
    return millions(box.num_parameters) if box.num_parameters else NONE, rate, _share(box), _memory(box.memory_bytes)


def runs_of(boxes: tuple[StageBox, ...]) -> tuple[Run, ...]:
    """Neighbours in one state told together."""
    runs = []
    for _state, items in groupby(enumerate(boxes), key=lambda item: item[1].state):
        members = list(items)
        held = [box for _place, box in members]
        name = held[0].name if len(held) == 1 else tr("{first} to {last}", first=held[0].name, last=held[-1].name)
        runs.append(Run(members[0][0], members[-1][0], (name, *_told_together(held))))
    return tuple(runs)


def told(box: StageBox) -> str:
    """One stage in a sentence, for a tool tip and for a screen reader."""
    parts = [box.name, box.map, state_words(box)[0], _parameters(box.num_parameters)]
    if box.state == "cached":
        parts.append(tr("runs once, then comes from the cache"))
    if box.rate is not None:
        parts.append(tr("rate {rate}", rate=rate_words(box.rate)))
    if box.time_share is not None:
        parts.append(tr("{share} of the time", share=_share(box)))
    if box.memory_bytes:
        parts.append(tr("{size} of memory", size=_memory(box.memory_bytes)))
    return ", ".join(part for part in parts if part)


def _told_together(boxes: list[StageBox]) -> tuple[str, ...]:
    lines = [_parameters(sum(box.num_parameters for box in boxes))]
    rates = sorted({box.rate for box in boxes if box.rate is not None})
    if boxes[0].state == "cached":
        lines.append(tr("run once, cached"))
    elif rates:
        ends = rate_words(rates[0]) if len(rates) == 1 else f"{rate_words(rates[0])} – {rate_words(rates[-1])}"
        lines.append(tr("rate {rate}", rate=ends))
    shares = [box.time_share for box in boxes if box.time_share is not None]
    memory = _memory(sum(box.memory_bytes or 0 for box in boxes))
    lines.append(" · ".join(([tr("{share} of the time", share=percent(sum(shares), 0))] if shares else []) + [memory]))
    return tuple(line for line in lines if line)


def _parameters(number: int) -> str:
    return tr("{n} parameters", n=millions(number)) if number else ""


def _share(box: StageBox) -> str:
    if box.time_share is None:
        return tr("once") if box.state == "cached" else NONE
    return percent(box.time_share, 0) if box.time_share >= 0.01 or not box.time_share else tr("< 1 %")


def _memory(num_bytes: int | None) -> str:
    if not num_bytes:
        return NONE
    if num_bytes < _MB:
        return tr("< 1 MB")
    return memory_words(num_bytes) if num_bytes >= 1000 * _MB else f"{round(num_bytes / _MB)} MB"
