"""What is known of a project's images beside what people said of them: measured from their pixels, answered by its runs."""

from collections.abc import Mapping

import msgspec

from tlstudio.domain.quality import ImageQuality


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Gathered for the health checks, and only while they run; empty wherever nobody asked."""

    qualities: Mapping[str, ImageQuality] = {}
    """By content hash; of images that were measured."""
