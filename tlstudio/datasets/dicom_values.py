"""From the values a DICOM file stores to 8 bits of brightness: PS3.3 C.11.1 (rescale), C.11.2 (window), C.7.6.3.1 (pixels)."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tlstudio.datasets.deep import DeepValues, settled, to_eight_bits, values_held
from tlstudio.domain.intensity import IntensityRule

Values = npt.NDArray[np.generic]
_TABLE_BITS = 16
_LOOKED_AT = 200_000


@dataclass(frozen=True, kw_only=True)
class Window:
    """A file's own window (VOI LUT function), in rescaled units."""

    centre: float
    width: float
    function: str = "LINEAR"

    @property
    def is_valid(self) -> bool:
        """By PS3.3 C.11.2.1.2 and C.11.2.1.3: a width of 1 or more, for the exact and the curved function above 0."""
        least_is_met = self.width >= 1 if self.function == "LINEAR" else self.width > 0
        return bool(np.isfinite([self.centre, self.width]).all()) and least_is_met

    def eight_bits(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """Rounded half up, clipped."""
        if self.function == "SIGMOID":
            with np.errstate(over="ignore"):
                curve = 255.0 / (1.0 + np.exp(-4.0 * (values - self.centre) / self.width))
            return np.floor(np.nan_to_num(curve) + 0.5).astype(np.uint8)
        if self.function == "LINEAR_EXACT":
            low, high = self.centre - self.width / 2, self.centre + self.width / 2
        else:
            low, high = self.centre - 0.5 - (self.width - 1) / 2, self.centre - 0.5 + (self.width - 1) / 2
        if not high > low:
            return np.where(values > high, 255, 0).astype(np.uint8)
        return to_eight_bits(values, IntensityRule(kind="window", low=low, high=high))


@dataclass(frozen=True, kw_only=True)
class GreyScale:
    """What a file's header says of its grey values."""

    bits: int
    """Stored, of those allocated; 32 or 64 for floats."""
    is_signed: bool = False
    is_float: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    window: Window | None = None
    padding: int | None = None
    """The stored value of pixels that were never measured."""

    @property
    def is_deep(self) -> bool:
        """Whether the project's rule applies."""
        return self.bits > 8

    def rescaled(self, stored: Values) -> npt.NDArray[np.float64]:
        """In the units of the file: Hounsfield, counts, density."""
        return stored.astype(np.float64) * self.slope + self.intercept

    def range(self) -> tuple[float, float]:
        """What the stored bits can hold, rescaled; 0..1 for floats."""
        if self.is_float:
            return 0.0, 1.0
        lowest = -(2 ** (self.bits - 1)) if self.is_signed else 0
        ends = [value * self.slope + self.intercept for value in (lowest, lowest + 2**self.bits - 1)]
        return min(ends), max(ends)


def stored_values(raw: Values, *, bits: int, high_bit: int, is_signed: bool) -> npt.NDArray[np.signedinteger[Any]]:
    """`raw` as read, any integer type, cut to its `bits` (what stands above once held overlays) and given its sign: i32 or i64."""
    unsigned = raw.view(f"u{raw.dtype.itemsize}")
    wide: npt.NDArray[np.signedinteger[Any]] = unsigned.astype(np.int32 if raw.dtype.itemsize < 4 else np.int64)
    shift = high_bit + 1 - bits
    if shift > 0 and bits + shift <= raw.dtype.itemsize * 8:
        wide = wide >> shift
    wide = wide & (2**bits - 1)
    if is_signed:
        sign = 2 ** (bits - 1)
        wide = (wide ^ sign) - sign
    return wide


def to_brightness(stored: Values, scale: GreyScale, rule: IntensityRule) -> npt.NDArray[np.uint8]:
    """`stored` as uint8 of the same shape. See step 2 of the rule in `datasets.decode`."""
    if rule.kind == "percentiles" and scale.is_deep:
        rule = settled(scale.rescaled(stored), rule)
    if scale.is_float or int(stored.max(initial=0)) - int(stored.min(initial=0)) >= 2**_TABLE_BITS:
        return _eight_bits(stored, scale, rule)
    lowest = int(stored.min(initial=0))
    table = _eight_bits(np.arange(lowest, int(stored.max(initial=0)) + 1), scale, rule)
    return np.take(table, stored.astype(np.int64, copy=False) - lowest)


def _eight_bits(stored: Values, scale: GreyScale, rule: IntensityRule) -> npt.NDArray[np.uint8]:
    values = scale.rescaled(stored)
    if rule.kind == "window" and scale.is_deep:
        return to_eight_bits(values, rule)
    if scale.window is not None:
        return scale.window.eight_bits(values)
    low, high = scale.range()
    return to_eight_bits(values, IntensityRule(kind="window", low=low, high=high))


def grey_held(stored: Values, scale: GreyScale) -> DeepValues | None:
    """What the image holds, in rescaled units; None for 8 bits. A file with a window of its own needs no other, so it counts as full."""
    if not scale.is_deep:
        return None
    measured = stored.reshape(-1) if scale.padding is None else stored[stored != scale.padding]
    some = scale.rescaled(measured[:: max(1, measured.size // _LOOKED_AT)])
    held = values_held(some, limits=scale.range(), is_float=scale.is_float)
    if held is None or scale.window is None:
        return held
    return msgspec.structs.replace(held, lowest=held.low, highest=held.high)
