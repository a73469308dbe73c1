"""One XML file of Pascal VOC as values. Entities and document types are refused, nothing outside the file is ever read."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tlstudio.datasets.listing import tidy_name
from tlstudio.datasets.seen import Entry, are_finite
from tlstudio.domain.regions import Region, Shape
from tlstudio.messages import Message, message

MAX_XML_BYTES = 8 * 1024 * 1024
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_WHOLE_NUMBER = re.compile(r"0|-?[1-9]\d{0,15}")


@dataclass(frozen=True, kw_only=True)
class VocFile:
    """What the file says. Corners are taken as they are: width = xmax - xmin, and nothing is moved by a pixel."""

    filename: str
    size_px: tuple[int, int] | None
    entries: tuple[Entry, ...]
    label: str | None = None
    """The class of the whole image, an element <label> of our own."""
    group: str | None = None
    """Likewise <group>."""
    note: str = ""
    """Likewise <note>."""
    problems: list[tuple[int, Message]] = field(default_factory=list)
    """Objects that cannot be used, by their number from 1."""


def parse(data: bytes) -> VocFile | Message:
    """The file's content, or why it cannot be used."""
    if len(data) > MAX_XML_BYTES:
        return message("voc.too_large", "This file is larger than {limit} MB and was not read.", limit=MAX_XML_BYTES // (1024 * 1024))
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        return message("voc.entities", "It defines entities or a document type, which annotations never need; it is refused.")
    except (SyntaxError, ValueError, LookupError, RecursionError) as error:  # a ParseError is a SyntaxError
        return message("voc.malformed", "It is no well-formed XML: {error}", error=str(error))
    if root.tag != "annotation":
        return message("voc.other", "It is XML, but no annotation of an image.")
    return _content(root)


def _content(root: Element) -> VocFile:
    entries: list[Entry] = []
    problems: list[tuple[int, Message]] = []
    for row, item in enumerate(root.iterfind("object"), 1):
        read = _object(item, row)
        if isinstance(read, Message):
            problems.append((row, read))
        else:
            entries.append(read)
    return VocFile(
        filename=_text(root, "filename"),
        size_px=_size(root),
        entries=tuple(entries),
        label=_name(root, "label"),
        group=_name(root, "group"),
        note=_text(root, "note"),
        problems=problems,
    )


def _object(item: Element, row: int) -> Entry | Message:
    name, box = _name(item, "name"), item.find("bndbox")
    if name is None:
        return message("voc.no_name", "Entry {row}: it has no class name; it is not used.", row=row)
    corners = None if box is None else _numbers(box)
    if corners is None:
        return message("voc.no_box", "Entry {row}: its box is missing or not in numbers; it is not used.", row=row)
    left, top, right, bottom = corners
    extra = {
        child.tag: value_of(child.text.strip())
        for child in item
        if child.tag not in ("name", "bndbox") and isinstance(child.tag, str) and not len(child) and child.text and child.text.strip()
    }
    return Entry(region=Region(class_name=name, shape=Shape(x=left, y=top, width=right - left, height=bottom - top, extra=extra)), row=row)


def _numbers(box: Element) -> tuple[float, float, float, float] | None:
    try:
        left, top, right, bottom = (float(_text(box, corner)) for corner in _CORNERS)
    except ValueError:
        return None
    return (left, top, right, bottom) if are_finite((left, top, right, bottom)) else None


def _size(root: Element) -> tuple[int, int] | None:
    """None where it is not said, or said to be 0 as some programs do."""
    try:
        width, height = (int(float(_text(root, f"size/{side}"))) for side in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _name(item: Element, path: str) -> str | None:
    text = _text(item, path)
    return tidy_name(text) if text else None


def _text(item: Element, path: str) -> str:
    return (item.findtext(path) or "").strip()


def value_of(text: str) -> object:
    """A text in quotes (this program writes those) without them, a number where it is written as one, else the text."""
    if text.startswith('"'):
        try:
            return msgspec.json.decode(text.encode(), type=str)
        except msgspec.DecodeError:
            return text
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if repr(number) == text and are_finite((number,)) else text
