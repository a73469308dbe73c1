"""COCO's run lengths of a mask: column by column, zeros first; as numbers, or packed into text."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

_BASE = 48
"""Of the characters: each carries five bits and whether more follow."""


def unpack(text: str) -> list[int]:
    """The run lengths behind COCO's text. Raises `ValueError` where it is none."""
    runs: list[int] = []
    at = 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            if at == len(text) or shift > 60:
                raise ValueError("the text of a mask is cut off")
            bits = ord(text[at]) - _BASE
            if not 0 <= bits < 64:
                raise ValueError(f"{text[at]!r} does not belong into a mask")
            value |= (bits & 0x1F) << shift
            more = bool(bits & 0x20)
            at, shift = at + 1, shift + 5
            if not more and bits & 0x10:
                value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
    return runs


def pack(runs: Sequence[int]) -> str:
    """COCO's text for run lengths."""
    text: list[str] = []
    for place, run in enumerate(runs):
        value = run - runs[place - 2] if place > 2 else run
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != (-1 if bits & 0x10 else 0)
            text.append(chr((bits | 0x20 if more else bits) + _BASE))
    return "".join(text)


def runs_of(mask: npt.NDArray[np.bool_]) -> list[int]:
    """The run lengths of bool[H, W]."""
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lengths = np.diff(np.concatenate(([0], edges, [flat.size])))
    return [0, *lengths.tolist()] if flat.size and flat[0] else [int(item) for item in lengths]


def area(runs: Sequence[int]) -> int:
    """Pixels of the mask."""
    return sum(runs[1::2])


def bounds(runs: Sequence[int], rows: int) -> tuple[int, int, int, int]:
    """x, y, width and height around the mask's pixels; no width where it has none. `rows`: the image's height."""
    starts = [0, *accumulate(runs)]
    spans = [(starts[place], starts[place + 1] - 1) for place in range(1, len(runs), 2) if runs[place]]
    if not spans or rows <= 0:
        return 0, 0, 0, 0
    left, right = spans[0][0] // rows, spans[-1][1] // rows
    if any(first // rows != last // rows for first, last in spans):
        return left, 0, right - left + 1, rows
    top, bottom = min(first % rows for first, _ in spans), max(last % rows for _, last in spans)
    return left, top, right - left + 1, bottom - top + 1
