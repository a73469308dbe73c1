"""The images that take part and were measured; and how far one of them lies from the rest."""

import math
from collections.abc import Iterable, Sequence
from statistics import median

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.quality import ImageQuality
from tlstudio.domain.samples import Sample

BLANK_LEVELS = 2.0
"""Contrast in grey levels. Noise of 4 levels in a camera's black frame stays below it; the faintest of 3,900 honest images has 4.8."""
_NORMAL = 1.4826
"""Median absolute deviation times this is the standard deviation of a normal distribution."""


def measured(dataset: Dataset) -> list[tuple[Sample, ImageQuality]]:
    """In the order of ids; images that hold nothing at all are a finding of their own and left out."""
    qualities = dataset.evidence.qualities
    found = ((sample, qualities.get(sample.content_hash)) for sample in dataset.ready)
    return [(sample, quality) for sample, quality in found if quality is not None and quality.contrast >= BLANK_LEVELS]


def typical(values: Iterable[float]) -> float:
    """Their median; not a number where there are none."""
    there = list(values)
    return median(there) if there else math.nan


def low_limit(values: Sequence[float], *, deviations: float, least_spread: float) -> float:
    """So many robust deviations below the median of positive `values`, on a scale of ratios.

    `least_spread` (of the logarithm) keeps a set that is all alike from calling small differences far.
    """
    logarithms = [math.log(max(value, 1e-6)) for value in values]
    middle = median(logarithms)
    spread = _NORMAL * median(abs(value - middle) for value in logarithms)
    return math.exp(middle - deviations * max(spread, least_spread))
