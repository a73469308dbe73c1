"""What is known of a project's images beside what people said of them: measured from their pixels, answered by its runs."""

from collections.abc import Mapping

import msgspec

from tlstudio.domain.quality import ImageQuality


class Doubt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A label that a run speaks against."""

    sample: int
    said: str
    """Id of the class the image carried when the run was started."""
    seen: str
    """Id of the class the run is sure of."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Gathered for the health checks, and only while they run; empty wherever nobody asked."""

    qualities: Mapping[str, ImageQuality] = {}
    """By content hash; of images that were measured."""
    doubting_run: int = 0
    doubts: tuple[Doubt, ...] = ()
    """Of that run, the strongest first."""
