"""Which pages of a microscope's TIFF are channels of one image: what OME-XML or ImageJ's description says."""

import re
from dataclasses import dataclass
from typing import Any

MOST_SHOWN = 3
_DIMENSIONS = "CZT"
_IMAGEJ_CHANNELS = re.compile(r"^channels=(\d{1,6})\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class ChannelPages:
    """`number` channels in all; `pages`: the indexes of the first three (or two) at the first depth and time."""

    number: int
    pages: tuple[int, ...]


def may_have_channels(description: str) -> bool:
    """Whether it is worth counting the pages, which takes a look at each."""
    return description.startswith("ImageJ=") or "<OME" in description[:4096]


def channel_pages(description: str, num_pages: int) -> ChannelPages | None:
    """None where a page is an image by itself: one channel, channels within the page, channels in other files, no such description."""
    if num_pages < 2 or not may_have_channels(description):
        return None
    found = _of_imagej(description) if description.startswith("ImageJ=") else _of_ome(description)
    if found is None or found.number < 2 or max(found.pages) >= num_pages:
        return None
    return found


def _of_imagej(description: str) -> ChannelPages | None:
    """Hyperstacks lie in the order channel, depth, time."""
    match = _IMAGEJ_CHANNELS.search(description)
    return None if match is None else _every(1, int(match.group(1)))


def _of_ome(description: str) -> ChannelPages | None:
    """OME-TIFF: Pixels@DimensionOrder names the dimensions from the fastest on; TiffData may say otherwise, page by page."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(description)
        pixels = next(item for item in root.iter() if _name(item) == "Pixels")
        order = pixels.attrib["DimensionOrder"].removeprefix("XY")
        sizes = {name: int(pixels.attrib[f"Size{name}"]) for name in _DIMENSIONS}
        if sorted(order) != sorted(_DIMENSIONS) or min(sizes.values()) < 1 or _has_colours(pixels):
            return None
        stride = 1
        for name in order[: order.index("C")]:
            stride *= sizes[name]
        return _placed(_every(stride, sizes["C"]), pixels)
    except (ParseError, DefusedXmlException, ValueError, KeyError, StopIteration, RecursionError):
        return None  # a damaged description must not cost the picture


def _every(stride: int, number: int) -> ChannelPages:
    return ChannelPages(number=number, pages=tuple(stride * index for index in range(min(number, MOST_SHOWN))))


def _has_colours(pixels: Any) -> bool:
    return any(_name(item) == "Channel" and item.attrib.get("SamplesPerPixel", "1") != "1" for item in pixels)


def _placed(found: ChannelPages, pixels: Any) -> ChannelPages | None:
    """Where single planes are said to lie on other pages, those; None where some lie in another file."""
    said: dict[int, int] = {}
    files: set[str | None] = set()
    for item in pixels:
        if _name(item) != "TiffData":
            continue
        files.update(child.text for child in item if _name(child) == "UUID")
        if item.attrib.get("FirstZ", "0") == "0" == item.attrib.get("FirstT", "0") and "IFD" in item.attrib:
            said.setdefault(int(item.attrib.get("FirstC", "0")), int(item.attrib["IFD"]))
    if len(files) > 1:
        return None
    pages = tuple(said.get(index, page) for index, page in enumerate(found.pages))
    return ChannelPages(number=found.number, pages=pages if len(set(pages)) == len(pages) else found.pages)


def _name(item: Any) -> str:
    """An element's name without its namespace; comments have none."""
    return item.tag.rpartition("}")[2] if isinstance(item.tag, str) else ""
