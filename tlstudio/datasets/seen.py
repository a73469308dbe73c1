"""What an annotation file says of one image, and what of it can be true of the image that is there."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from tlstudio.domain.regions import MASK, POLYGON, Region, Shape
from tlstudio.messages import Message, message

_TOLERANCE_PX = 0.01
"""Rounding in files that write few digits; nothing is cut for it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing as a file has it. `row`: its number or line there, from 1."""

    region: Region
    row: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All that the file at `path` (relative to the source) says of an image."""

    path: str
    entries: tuple[Entry, ...]
    size_px: tuple[int, int] | None = None
    """Width and height as the file says."""
    is_relative: bool = False
    """Coordinates are parts of the image's width and height, not pixels."""


def settle(seen: Seen, width_px: int, height_px: int) -> tuple[tuple[Region, ...], list[tuple[int, Message]]]:
    """What is kept for an image of this size, in pixels, and what is not as it was said, by row (0: all of it).

    What reaches beyond the image is cut to it; what lies outside, or has no area, is refused. Nothing is guessed where file
    and image disagree in size.
    """
    if seen.size_px is not None and seen.size_px != (width_px, height_px):
        return (), [(0, _other_size(seen.size_px, (width_px, height_px)))]
    kept: list[Region] = []
    problems: list[tuple[int, Message]] = []
    for entry in seen.entries:
        shape = _scaled(entry.region.shape, width_px, height_px) if seen.is_relative else entry.region.shape
        region, problem = _inside(entry, shape, width_px, height_px)
        if problem is not None:
            problems.append((entry.row, problem))
        if region is not None:
            kept.append(region)
    return tuple(kept), problems


def _inside(entry: Entry, shape: Shape, width_px: int, height_px: int) -> tuple[Region | None, Message | None]:
    if entry.region.kind == MASK and shape.size != (height_px, width_px):
        return None, message("seen.mask_size", "Entry {row}: its mask is not of the image's size; it is not used.", row=entry.row)
    if not (shape.width > 0 and shape.height > 0):
        return None, message("seen.no_area", "Entry {row}: its box has no area; it is not used.", row=entry.row)
    left, right, was_wide = _cut(shape.x, shape.width, width_px)
    top, bottom, was_high = _cut(shape.y, shape.height, height_px)
    if not (right > left and bottom > top):
        return None, message("seen.outside", "Entry {row}: its box lies outside the image; it is not used.", row=entry.row)
    if was_wide or was_high:
        shape = msgspec.structs.replace(shape, x=left, y=top, width=right - left, height=bottom - top)
    polygons = tuple(_cut_polygon(part, width_px, height_px) for part in shape.polygons)
    was_cut = was_wide or was_high or polygons != shape.polygons
    if polygons != shape.polygons:
        shape = msgspec.structs.replace(shape, polygons=polygons)
    region = entry.region if shape is entry.region.shape else msgspec.structs.replace(entry.region, shape=shape)
    if not was_cut:
        return region, None
    return region, message("seen.cut", "Entry {row}: it reaches beyond the image and was cut to it.", row=entry.row)


def _cut(start: float, length: float, limit: int) -> tuple[float, float, bool]:
    """Begin and end within 0..limit, and whether anything had to be cut off."""
    end = start + length
    if start >= -_TOLERANCE_PX and end <= limit + _TOLERANCE_PX:
        return start, end, False
    return min(max(start, 0.0), float(limit)), max(min(end, float(limit)), 0.0), True


def _cut_polygon(part: tuple[float, ...], width_px: int, height_px: int) -> tuple[float, ...]:
    """Points outside are moved to the image's edge."""
    limits = (width_px, height_px)
    if all(-_TOLERANCE_PX <= value <= limits[place % 2] + _TOLERANCE_PX for place, value in enumerate(part)):
        return part
    return tuple(min(max(value, 0.0), float(limits[place % 2])) for place, value in enumerate(part))


def _scaled(shape: Shape, width_px: int, height_px: int) -> Shape:
    sides = (width_px, height_px)
    polygons = tuple(tuple(value * sides[place % 2] for place, value in enumerate(part)) for part in shape.polygons)
    return msgspec.structs.replace(
        shape,
        x=shape.x * width_px,
        y=shape.y * height_px,
        width=shape.width * width_px,
        height=shape.height * height_px,
        polygons=polygons,
    )


def bounds(polygons: Iterable[Iterable[float]]) -> tuple[float, float, float, float]:
    """x, y, width and height around all points of x1, y1, x2, y2, …"""
    parts = [list(part) for part in polygons]
    xs = [value for part in parts for value in part[0::2]]
    ys = [value for part in parts for value in part[1::2]]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def outline(class_name: str, polygons: tuple[tuple[float, ...], ...], extra: dict[str, object]) -> Region:
    """A region by its outline alone."""
    x, y, width, height = bounds(polygons)
    return Region(kind=POLYGON, class_name=class_name, shape=Shape(x=x, y=y, width=width, height=height, polygons=polygons, extra=extra))


def are_finite(numbers: Iterable[float]) -> bool:
    """Whether none is infinite or not a number."""
    return all(map(math.isfinite, numbers))


def _other_size(said: tuple[int, int], there: tuple[int, int]) -> Message:
    text = "It is about an image of {said} px, but the image has {there} px; it is not used."
    return message("seen.other_size", text, said=f"{said[0]} × {said[1]}", there=f"{there[0]} × {there[1]}")
