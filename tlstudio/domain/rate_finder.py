"""The learning-rate range test (Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3).

A training is begun with rates that rise exponentially from far too small to far too large. The loss stays, falls, and runs away; the rate
where it falls most steeply is a good one to train with (as fastai suggests it).
"""

import math
import operator
import statistics
from collections.abc import Sequence

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Value

LOWEST_RATE, HIGHEST_RATE = 1e-6, 1.0
NUM_STEPS = 80
_FORGETTING = 0.9
"""Of the running mean: it looks back over about ten steps."""
_DIVERGED = 3.0
"""The loss has run away where it is so many times the lowest before it."""
_SETTLED_STEPS, _MOST = 10, 10.0
"""The mean says nothing before so many steps, and one loss counts for at most so many times the lowest mean: a single hard batch among easy
ones is no sign of too large a rate."""
_WIDTH_STEPS = 4.0
"""Deviation of the bell curve that losses are smoothed with; a running mean would lag behind by most of a power of ten."""
_LEAST_FALL = 0.05
"""A loss that falls by a smaller share of itself has not fallen."""


def rate_at(step: int, num_steps: int = NUM_STEPS) -> float:
    """The learning rate of the head at `step`, from 0."""
    return LOWEST_RATE * math.pow(HIGHEST_RATE / LOWEST_RATE, step / max(1, num_steps - 1))


class RunningLoss:
    """The mean of the last losses, free of the bias towards where it began (Kingma and Ba 2015, section 3); knows when to stop."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self._lowest = math.inf

    def has_diverged(self, loss: float) -> bool:
        """Take in one more loss: whether larger rates need not be tried."""
        if not math.isfinite(loss):
            return True
        self._count += 1
        self._sum = _FORGETTING * self._sum + (1 - _FORGETTING) * min(loss, _MOST * self._lowest)
        mean = self._sum / (1 - _FORGETTING**self._count)
        self._lowest = min(self._lowest, mean)
        return self._count >= _SETTLED_STEPS and mean > _DIVERGED * self._lowest


def smoothed(losses: Sequence[float]) -> list[float]:
    """The mean of each loss and its neighbours on both sides, the near ones counting more.

    Those that run away are held at twice the median: else the last of them would hide the lowest ones before.
    """
    most = 2 * statistics.median(losses) if losses else 0.0
    held = [min(loss, most) for loss in losses]
    bell = [math.exp(-0.5 * (distance / _WIDTH_STEPS) ** 2) for distance in range(len(losses))]
    means = []
    for step in range(len(losses)):
        weights = [bell[abs(step - other)] for other in range(len(losses))]
        means.append(math.fsum(map(operator.mul, weights, held)) / math.fsum(weights))
    return means


def suggested_rate(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """Where the smoothed losses fall most steeply over the logarithm of the rates, to two digits; None where they do not fall.

    `losses` as they came, finite, one for each of `rates`.
    """
    if len(rates) < 5:
        return None
    means = smoothed(losses)
    end = means.index(min(means))
    start = means.index(max(means[: end + 1]))
    if end - start < 2 or means[start] - means[end] < _LEAST_FALL * means[start]:
        return None
    # The logarithms of the rates lie evenly, so that the difference of both neighbours is the slope.
    steepest = min(range(start + 1, end), key=lambda step: means[step + 1] - means[step - 1])
    return float(f"{rates[steepest]:.1e}")


def taken_over(rate: float, recipe: Recipe) -> dict[str, Value]:
    """Settings that train `recipe` with `rate`. Stages with rates of their own keep their distance to the head, as while it was tried."""
    part = recipe.finetune
    if part is None:
        return {}
    found: dict[str, Value] = {}
    if part.stage_rates:
        spec, factor = SETTINGS["stage_rates"], rate / part.learning_rate
        found["stage_rates"] = tuple(min(spec.maximum, max(spec.minimum, own * factor)) for own in part.stage_rates)
    return found | {"learning_rate": rate}
