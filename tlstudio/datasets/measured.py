"""What was measured of the images in which there is something to see; and how far one of them lies from the rest."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tlstudio.domain.dataset import Dataset

BLANK_LEVELS = 2.0
"""Contrast in grey levels. Noise of 4 levels in a camera's black frame stays below it; the faintest of 3,900 honest images has 4.8."""
_NORMAL = 1.4826
"""Median absolute deviation times this is the standard deviation of a normal distribution."""

Column = npt.NDArray[np.float64]


class Seen(NamedTuple):
    """Columns of equal length; `samples` are ids, the others as in `ImageQuality`."""

    samples: npt.NDArray[np.int64]
    darkest: Column
    brightest: Column
    sharpness: Column

    def ids(self, which: npt.NDArray[np.bool_]) -> tuple[int, ...]:
        """Of the samples that bool[N] picks."""
        return tuple(self.samples[which].tolist())


def seen(dataset: Dataset) -> Seen:
    """Of the samples that take part and were measured, in the order of ids; blank ones are left out."""
    found = dataset.qualities
    kept = np.asarray(found.contrast) >= BLANK_LEVELS
    columns = (np.asarray(column)[kept] for column in (found.samples, found.darkest, found.brightest, found.sharpness))
    return Seen(*columns)


def blank(dataset: Dataset) -> tuple[int, ...]:
    """Ids of those that take part and hold nothing."""
    found = dataset.qualities
    return tuple(np.asarray(found.samples)[np.asarray(found.contrast) < BLANK_LEVELS].tolist())


def typical(values: Column) -> float:
    """Their median; not a number where there are none."""
    return float(np.median(values)) if values.size else np.nan


def low_limit(values: Column, *, deviations: float, least_spread: float) -> float:
    """So many robust deviations below the median of positive `values`, on a scale of ratios.

    `least_spread` (of the logarithm) keeps a set that is all alike from calling small differences far.
    """
    logarithms = np.log(np.maximum(values, 1e-6))
    middle = np.median(logarithms)
    spread = _NORMAL * np.median(np.abs(logarithms - middle))
    return float(np.exp(middle - deviations * max(spread, least_spread)))
