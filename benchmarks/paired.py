"""What differences between pairs say: two contestants on the same divisions, seed by seed."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

WORST_LOSS = 0.005
"""A ratio of speeds counts only where our accuracy is at most half a point worse."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Ours less theirs, in shares (0.01 is a point)."""

    mean: float
    half_width: float
    """Of the 95 % interval of Student's t; infinite for a single pair."""
    num_pairs: int

    @property
    def is_guarded(self) -> bool:
        """Whether ours is not worse than the guard allows."""
        return self.mean >= -WORST_LOSS - 1e-9

    def shown(self) -> str:
        """In points, with its interval."""
        spread = f" ± {100 * self.half_width:.1f}" if math.isfinite(self.half_width) else ""
        return f"{100 * self.mean:+.1f}{spread} points"


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Of pairs in the same order. Raises `ValueError` where there are none, or not as many."""
    found = [mine - other for mine, other in zip(ours, theirs, strict=True)]
    if not found:
        raise ValueError("no pairs")
    half_width = math.inf
    if len(found) > 1:
        half_width = float(stats.t.ppf(0.975, len(found) - 1)) * statistics.stdev(found) / math.sqrt(len(found))
    return Difference(mean=statistics.fmean(found), half_width=half_width, num_pairs=len(found))


def epochs_within(budget_s: float, epoch_s: float, *, least: int) -> int:
    """Epochs of so many seconds each that fit into a budget, `least` where fewer would."""
    return max(least, int(budget_s / epoch_s))
