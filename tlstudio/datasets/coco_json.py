"""One JSON file of COCO as values: images, categories and what is seen, each entry checked by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from tlstudio.datasets import rle
from tlstudio.datasets.listing import tidy_name
from tlstudio.datasets.seen import Entry, are_finite, bounds
from tlstudio.domain.regions import BOX, MASK, POLYGON, Region, Shape
from tlstudio.messages import Message, message

MAX_JSON_BYTES = 512 * 1024 * 1024
"""The largest file of COCO's own has 450 MB."""

Id = int | str
Row = TypeVar("Row")


class _Document(msgspec.Struct):
    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[msgspec.Raw]


class CocoImage(msgspec.Struct, frozen=True):
    """An image of the file; `group` and `note` are elements of our own."""

    id: Id
    file_name: str
    width: float | None = None
    height: float | None = None
    group: str | None = None
    note: Any = None
    """Where it is no text, some other program means something else by it."""

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height where the file says them."""
        return (int(self.width), int(self.height)) if self.width and self.height and are_finite((self.width, self.height)) else None


class _Category(msgspec.Struct, frozen=True):
    id: Id
    name: str


class _Rle(msgspec.Struct, frozen=True):
    size: tuple[int, int]
    counts: str | tuple[int, ...]


class _Annotation(msgspec.Struct, frozen=True):
    image_id: Id
    category_id: Id
    id: Id | None = None
    bbox: list[float] | None = None
    segmentation: _Rle | list[tuple[float, ...]] | None = None
    area: float | None = None


_KNOWN = frozenset(_Annotation.__struct_fields__)


@dataclass(frozen=True, kw_only=True)
class CocoFile:
    """What the file says: images by row, and what is seen in each by its id."""

    images: list[tuple[int, CocoImage]]
    entries: dict[Id, list[Entry]]
    labels: dict[Id, list[str]]
    """Classes of whole images: annotations without box and outline."""
    problems: list[tuple[int, Message]] = field(default_factory=list)
    """By the number of the entry in its list, from 1."""


def is_coco(data: bytes) -> bool:
    """Whether it can be this by its words, without reading it."""
    return all(word in data for word in (b'"images"', b'"annotations"', b'"categories"'))


def parse(data: bytes) -> CocoFile | Message:
    """The file's content, or why it cannot be used."""
    if len(data) > MAX_JSON_BYTES:
        return message("coco.too_large", "This file is larger than {limit} MB and was not read.", limit=MAX_JSON_BYTES // (1024 * 1024))
    try:
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Document)
    except RecursionError:
        return message("coco.deep", "It is nested deeper than annotations are; it is refused.")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return message("coco.malformed", "It is not COCO's JSON: {error}", error=str(error))
    return _Reader(document).file


class _Reader:
    def __init__(self, document: _Document) -> None:
        self.file = CocoFile(images=[], entries={}, labels={})
        self._problems = self.file.problems
        self._names: dict[Id, str] = {}
        self._ids: set[Id] = set()
        for row, raw in enumerate(document.categories, 1):
            self._take(row, raw, _Category, self._category)
        for row, raw in enumerate(document.images, 1):
            self._take(row, raw, CocoImage, self._image)
        for row, raw in enumerate(document.annotations, 1):
            self._take(row, raw, dict[str, Any], self._annotation)

    def _take(self, row: int, raw: msgspec.Raw, type: type[Row], use: Callable[[int, Row], Message | None]) -> None:
        try:
            problem = use(row, msgspec.json.decode(raw, type=type))
        except RecursionError:
            problem = message("coco.entry_deep", "Entry {row}: it is nested too deeply; it is not used.", row=row)
        except (ValueError, OverflowError) as error:  # of msgspec, or a mask that is none
            problem = message("coco.entry", "Entry {row} cannot be used: {error}", row=row, error=str(error))
        if problem is not None:
            self._problems.append((row, problem))

    def _category(self, row: int, said: _Category) -> Message | None:
        if not said.name.strip():
            return message("coco.no_name", "Category {row} has no name; what is of it is not used.", row=row)
        if said.id in self._names:
            return message("coco.category_twice", "Category {row}: its id {id} is there already; the first counts.", row=row, id=said.id)
        self._names[said.id] = tidy_name(said.name)
        return None

    def _image(self, row: int, said: CocoImage) -> Message | None:
        if said.id in self.file.entries:
            return message("coco.image_twice", "Image {row}: its id {id} is there already; the first counts.", row=row, id=said.id)
        self.file.images.append((row, said))
        self.file.entries[said.id] = []
        return None

    def _annotation(self, row: int, raw: dict[str, Any]) -> Message | None:
        said = msgspec.convert(raw, _Annotation)
        if said.category_id not in self._names:
            return message("coco.no_category", "Entry {row}: there is no category {id}; it is not used.", row=row, id=said.category_id)
        if said.image_id not in self.file.entries:
            return message("coco.no_image", "Entry {row}: there is no image {id}; it is not used.", row=row, id=said.image_id)
        if said.id is not None:
            if said.id in self._ids:
                return message("coco.twice", "Entry {row}: its id {id} is there already; the first counts.", row=row, id=said.id)
            self._ids.add(said.id)
        name = self._names[said.category_id]
        if not said.bbox and not said.segmentation:
            self.file.labels.setdefault(said.image_id, []).append(name)
            return None
        kind, shape, problem = _shape(said, _extra(raw), row)
        if shape is not None:
            self.file.entries[said.image_id].append(Entry(region=Region(kind=kind, class_name=name, shape=shape), row=row))
        return problem


def _shape(said: _Annotation, extra: dict[str, Any], row: int) -> tuple[str, Shape | None, Message | None]:
    """Kind, shape, and what of the entry could not be used."""
    if said.bbox and (len(said.bbox) != 4 or not are_finite(said.bbox)):
        return BOX, None, message("coco.bbox", "Entry {row}: its bbox is not four numbers; it is not used.", row=row)
    if isinstance(said.segmentation, _Rle):
        counts = said.segmentation.counts
        x, y, width, height = said.bbox or rle.bounds(rle.unpack(counts) if isinstance(counts, str) else counts, said.segmentation.size[0])
        shape = Shape(x=x, y=y, width=width, height=height, size=said.segmentation.size, counts=counts, extra=extra)
        _note_area(said, shape)
        return MASK, shape, None
    parts = tuple(said.segmentation or ())
    whole = all(len(part) >= 6 and len(part) % 2 == 0 and are_finite(part) for part in parts)
    problem = None if whole else message("coco.outline", "Entry {row}: its outline is not in pairs of numbers.", row=row)
    polygons = parts if whole else ()
    if not said.bbox and not polygons:
        return BOX, None, problem
    x, y, width, height = said.bbox or bounds(polygons)
    shape = Shape(x=x, y=y, width=width, height=height, polygons=polygons, extra=extra)
    _note_area(said, shape)
    return POLYGON if polygons else BOX, shape, problem


def _note_area(said: _Annotation, shape: Shape) -> None:
    """An area that is not simply that of the shape is kept."""
    if said.area is not None and not abs(said.area - area_of(shape)) <= 1e-6 * max(1.0, abs(said.area)):
        shape.extra["area"] = said.area


def _extra(raw: dict[str, Any]) -> dict[str, Any]:
    """What COCO's own fields do not hold; a crowd is told only where there is one."""
    return {key: value for key, value in raw.items() if key not in _KNOWN and not (key == "iscrowd" and value == 0)}


def area_of(shape: Shape) -> float:
    """Pixels within a box or its outline (shoelace formula); of a mask, its pixels. Raises `ValueError` for a mask that is none."""
    if shape.counts is not None:
        return float(rle.area(rle.unpack(shape.counts) if isinstance(shape.counts, str) else shape.counts))
    if not shape.polygons:
        return shape.width * shape.height
    return sum(_shoelace(part) for part in shape.polygons)


def _shoelace(part: tuple[float, ...]) -> float:
    xs, ys = part[0::2], part[1::2]
    return abs(sum(xs[place - 1] * ys[place] - xs[place] * ys[place - 1] for place in range(len(xs)))) / 2
