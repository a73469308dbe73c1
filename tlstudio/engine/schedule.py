"""How learning rate, momentum and the open stages run over a fine-tuning: pure functions of the step, so that resuming needs none of it."""

import math
from collections.abc import Sequence

from tlstudio.domain.recipe import FineTunePart

BETA1 = 0.9
"""AdamW's momentum where the schedule leaves it alone."""
_LEAST_BETA1, _MOST_BETA1 = 0.85, 0.95
"""Smith and Topin (2019): the larger the rate, the smaller the momentum."""
_RISE = 25.0
"""One cycle begins with a 25th of the full rate."""
_FALL = 1e4
"""Of the rate it began with, one cycle ends with this part."""


def share_of_rate(part: FineTunePart, step: int, num_steps: int) -> float:
    """Share of the full learning rate, in (0, 1], at `step` of `num_steps` (from 0)."""
    warm = part.warmup * num_steps
    if part.schedule == "one_cycle":
        if step < warm:
            return _between(1 / _RISE, 1.0, step / warm)
        return _between(1.0, 1 / (_RISE * _FALL), _fallen(step, warm, num_steps))
    if step < warm:
        return (step + 1) / (warm + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1.0, num_steps - warm)))


def momentum(part: FineTunePart, step: int, num_steps: int) -> float:
    """AdamW's beta1 at `step` of `num_steps`: the other way round from the rate in one cycle, the same always else."""
    if part.schedule != "one_cycle":
        return BETA1
    warm = part.warmup * num_steps
    if step < warm:
        return _between(_MOST_BETA1, _LEAST_BETA1, step / warm)
    return _between(_LEAST_BETA1, _MOST_BETA1, _fallen(step, warm, num_steps))


def num_open(part: FineTunePart, epoch: int, num_stages: int) -> int:
    """How many of the `num_stages` that are to train do so in `epoch` (from 0), the last ones of the network first.

    Gradual unfreezing (Howard and Ruder 2018, section 3.3).
    """
    return num_stages if part.unfreeze_every == 0 else min(num_stages, 1 + epoch // part.unfreeze_every)


def is_settled(part: FineTunePart, epoch: int, num_stages: int, sizes: Sequence[int] = ()) -> bool:
    """Whether no later epoch opens another stage or shows larger images; `sizes` of images by epoch, the last one for all that follow."""
    last = part.epochs - 1
    is_open = num_open(part, epoch, num_stages) >= num_open(part, last, num_stages)
    return is_open and all(size == sizes[-1] for size in sizes[epoch:])


def _fallen(step: int, warm: float, num_steps: int) -> float:
    """0 at the top, 1 at the last step."""
    return min(1.0, (step - warm) / max(1.0, num_steps - 1 - warm))


def _between(start: float, end: float, share: float) -> float:
    """From `start` to `end` along half a cosine."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * share))
