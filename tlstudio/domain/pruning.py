"""The median stopping rule (Golovin et al. 2017, section 3.2.2): a trial ends when it is worse than those before it were on average."""

from collections.abc import Sequence
from statistics import fmean, median

from tlstudio.domain.events import Pruned

GRACE_EPOCHS = 3
"""Epochs that every trial has before it is judged."""
FEWEST_RIVALS = 3
"""Earlier trials that it takes before one can be worse than them."""
_ROUNDING = 1e-9
"""A mean of equal values may be another in its last bit; that is not worse."""

Curve = tuple[float, ...]
"""Balanced accuracy on validation after each epoch of the fine-tuning, from the first."""


def pruned(curve: Curve, rivals: Sequence[Curve]) -> Pruned | None:
    """Whether a trial with this curve ends: its best value so far is strictly below the median of its rivals' means up to the same epoch.

    A rival that ended before counts with the mean of what it has. None goes on.
    """
    known = [rival for rival in rivals if rival]
    epoch = len(curve)
    if epoch < GRACE_EPOCHS or len(known) < FEWEST_RIVALS:
        return None
    if max(curve) >= median(fmean(rival[:epoch]) for rival in known) - _ROUNDING:
        return None
    return Pruned(epoch=epoch, num_rivals=len(known))
