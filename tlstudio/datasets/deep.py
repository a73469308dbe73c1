"""Pixels deeper than 8 bits, made 8 bits deep by the project's stored rule."""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tlstudio.domain.intensity import IntensityRule

_BLOCK_VALUES = 4_000_000
_LOOKED_AT = 100_000
_MUCH = 4
"""A rule is proposed only where the whole range of the type would leave three quarters of the grey levels unused."""


class DeepValues(msgspec.Struct, frozen=True, kw_only=True):
    """The values one deep image really holds (0.05 to 99.95 %), beside what its type could hold."""

    low: float
    high: float
    lowest: float
    highest: float
    is_float: bool
    quantiles: tuple[float, ...] = ()
    """0 to 100 % in steps of 0.1 %."""


def to_eight_bits(values: npt.NDArray[np.generic], rule: IntensityRule, *, bits: int | None = None) -> npt.NDArray[np.uint8]:
    """`values` of any real type and shape as uint8 of the same shape.

    uint8 stays, bool becomes 0 or 255. Otherwise low..high of `span` maps to 0..255, rounded half up and clipped;
    not-a-number becomes 0. `bits` is the depth the file declares where it is less than its type holds (12 in uint16).
    """
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    low, high = span(values.dtype, settled(values, rule), bits=bits)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        table = _scaled(np.arange(65536, dtype=np.float64), low, high)
        return np.take(table, values.astype(np.uint16, copy=False))
    return _by_blocks(values, low, high)


def settled(values: npt.NDArray[np.generic], rule: IntensityRule) -> IntensityRule:
    """The rule for this very image: `percentiles` becomes the window of what it holds, anything else stays.

    Looks at some 100,000 finite values, evenly spread; an image of one value becomes black, one without a finite value takes the range.
    """
    if rule.kind != "percentiles":
        return rule
    some = _some(values)
    if not some.size:
        return IntensityRule()
    low, high = (float(item) for item in np.percentile(some, (rule.low, rule.high)))
    return IntensityRule(kind="window", low=low, high=max(high, float(np.nextafter(low, np.inf))))


def _some(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    some = values.reshape(-1)[:: max(1, values.size // _LOOKED_AT)].astype(np.float64)
    return some[np.isfinite(some)]


def span(dtype: np.dtype[np.generic], rule: IntensityRule, *, bits: int | None = None) -> tuple[float, float]:
    """The values that become 0 and 255. Raises `ValueError` for types without an order, such as complex numbers."""
    if dtype.kind not in "uif":
        raise ValueError(f"pixels of type {dtype} have no brightness")
    if rule.kind == "window":
        return rule.low, rule.high
    if dtype.kind == "f":
        return 0.0, 1.0
    limits = np.iinfo(dtype)  # type: ignore[type-var]
    if dtype.kind == "u" and bits and bits < dtype.itemsize * 8:
        return 0.0, float(2**bits - 1)
    return float(limits.min), float(limits.max)


def _scaled(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.uint8]:
    with np.errstate(all="ignore"):
        scaled = (values - low) * 255.0 / (high - low)
        scaled = np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0)
        return np.floor(np.clip(scaled, 0.0, 255.0) + 0.5).astype(np.uint8)


def _by_blocks(values: npt.NDArray[np.generic], low: float, high: float) -> npt.NDArray[np.uint8]:
    """In blocks of rows, so that float64 copies stay small."""
    result = np.empty(values.shape, np.uint8)
    rows = max(1, _BLOCK_VALUES // max(1, values[0].size if len(values) else 1))
    for start in range(0, len(values), rows):
        result[start : start + rows] = _scaled(values[start : start + rows].astype(np.float64), low, high)
    return result


def values_held(
    values: npt.NDArray[np.generic], *, bits: int | None = None, limits: tuple[float, float] | None = None, is_float: bool | None = None
) -> DeepValues | None:
    """None for 8 bits and less, and for images without a finite value. Looks at some 100,000 values, evenly spread.

    `bits` and `is_float` are what the file says of values whose type does not; `limits` is what they could be at most.
    """
    if values.dtype in (np.uint8, np.bool_) or not values.size:
        return None
    lowest, highest = limits or span(values.dtype, IntensityRule(), bits=bits)
    some = _some(values)
    if not some.size:
        return None
    low, high = (float(item) for item in np.percentile(some, (0.05, 99.95)))
    return DeepValues(
        low=low,
        high=high,
        lowest=lowest,
        highest=highest,
        is_float=values.dtype.kind == "f" if is_float is None else is_float,
        quantiles=tuple(np.percentile(some, np.arange(1001) / 10).tolist()),
    )


def propose_rule(held: Sequence[DeepValues]) -> IntensityRule | None:
    """The rule that suits these images better than the whole range of their type; None where that serves.

    Whole numbers of 0 and more: as many bits as are used, so that 12-bit cameras in 16-bit files get 0..4095. Others: what is held.
    """
    if not held:
        return None
    low, high = min(item.low for item in held), max(item.high for item in held)
    lowest, highest = min(item.lowest for item in held), max(item.highest for item in held)
    fits = low >= lowest and high <= highest
    if high <= low or (fits and (high - low) * _MUCH > highest - lowest):
        return None
    if not all(item.is_float for item in held) and low >= 0:
        return IntensityRule(kind="window", low=0.0, high=float(2 ** max(8, int(high).bit_length()) - 1))
    return IntensityRule(kind="window", low=low, high=high)


def window_of(held: Sequence[DeepValues], *, low_percent: float = 0.1, high_percent: float = 99.9) -> IntensityRule | None:
    """The window that leaves 0.1 % of what these images hold below and above; each image counts the same.

    Whole numbers where all of them hold such, else four digits. None where they hold one value, or nothing.
    """
    values = np.array([value for item in held for value in item.quantiles])
    if not values.size:
        return None
    low, high = (float(value) for value in np.percentile(values, (low_percent, high_percent)))
    if not any(item.is_float for item in held):
        low, high = float(np.floor(low)), float(np.ceil(high))
    else:
        digits = 3 - int(np.floor(np.log10(max(high - low, 1e-30))))
        low, high = round(low, digits), round(high, digits)
    return IntensityRule(kind="window", low=low, high=high) if high > low else None
