"""How pixels deeper than 8 bits become 8 bits: chosen once for a project, stored, the same everywhere."""

from math import inf
from typing import Literal

import msgspec


class IntensityRule(msgspec.Struct, frozen=True, kw_only=True):
    """`range` maps the whole range of the data type (16 bit: value / 257; float: 0..1); `window` maps low..high (DICOM: in rescaled units);
    `percentiles` maps what lies between low % and high % of each image's own values. `range` takes a DICOM file's own window where it has
    one.

    Applied by `datasets.decode` alone, so thumbnails, training, prediction and export share it.
    """

    kind: Literal["range", "window", "percentiles"] = "range"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if self.kind == "window" and not -inf < self.low < self.high < inf:
            raise ValueError("a window needs finite numbers with high > low")
        if self.kind == "percentiles" and not 0 <= self.low < self.high <= 100:
            raise ValueError("percentiles lie between 0 and 100, with high > low")


_DEEP_FORMATS = ("TIFF", "DICOM", "PNM", "PNG, 16", "JPEG 2000")


def may_be_deep(format: str) -> bool:
    """Whether a `Sample.format` is one that holds more than 8 bits; only the file knows whether it does."""
    return format.startswith(_DEEP_FORMATS)
