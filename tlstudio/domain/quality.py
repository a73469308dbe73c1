"""What can be told of an image's quality without knowing what it shows. Made by `datasets.quality`, which says how."""

from array import array
from collections.abc import Iterable
from math import nan

import msgspec


class ImageQuality(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of the canonical pixels at one small size, so that images of all sizes compare. Grey levels are 0..255."""

    version: int
    """Of the rule it was measured by; what was measured by another one is measured again."""
    darkest: float
    """1 % of the pixels are darker, in the channel that is darkest."""
    brightest: float
    """1 % of the pixels are brighter, in the channel that is brightest."""
    contrast: float
    """Standard deviation of the channel that varies most, in grey levels."""
    sharpness: float | None
    """Edges that a Gaussian of s pixels has blurred give about 1 / (2 s^2); None where there is no edge to judge by."""


class Qualities:
    """Of many samples, as columns: a check looks at 100,000 of them in a few milliseconds."""

    def __init__(self, items: Iterable[tuple[int, ImageQuality]]) -> None:
        """From pairs of a sample's id and its quality."""
        rows = list(items)
        self.samples = array("q", [id for id, _ in rows])
        self.darkest = array("d", [quality.darkest for _, quality in rows])
        self.brightest = array("d", [quality.brightest for _, quality in rows])
        self.contrast = array("d", [quality.contrast for _, quality in rows])
        self.sharpness = array("d", [nan if quality.sharpness is None else quality.sharpness for _, quality in rows])
        """Not a number where there is no edge to judge by."""
