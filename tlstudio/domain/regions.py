"""Things seen in an image: boxes, outlines and masks, in pixels of the upright image."""

from typing import Any

import msgspec

BOX, POLYGON, MASK = "box", "polygon", "mask"


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a thing is; stored as the payload of an annotation. (0, 0) is the image's upper left corner.

    x, y, width and height bound it, whatever its kind.
    """

    x: float
    y: float
    width: float
    height: float
    polygons: tuple[tuple[float, ...], ...] = ()
    """Kind "polygon": each part as x1, y1, x2, y2, …"""
    size: tuple[int, int] | None = None
    """Kind "mask": rows and columns of the mask, those of the image."""
    counts: str | tuple[int, ...] | None = None
    """Kind "mask": COCO's run lengths, compressed (text) or not (numbers), as they came."""
    extra: dict[str, Any] = {}
    """What the file said besides, such as difficult, truncated or iscrowd: JSON values."""


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of one class in an image."""

    kind: str = BOX
    class_name: str
    shape: Shape


class MaskPart(msgspec.Struct, frozen=True, kw_only=True):
    """All pixels of one value in a mask that came as an image."""

    value: int
    counts: str
    """COCO's run lengths, compressed."""
    box: tuple[int, int, int, int]
    """x, y, width and height around them."""
    is_one_piece: bool
    """Whether they hang together, corners included."""
