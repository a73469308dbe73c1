"""The orders in which the grid can show its images."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample

IMPORTED, LIKENESS = "imported", "likeness"

Places = Mapping[str, int]
"""Of images in the row by likeness, by content hash."""

_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Ranks:
    """Places in an order, fixed when it was made: an image that is classed meanwhile stays where it is."""

    by_id: Mapping[int, int]

    def of(self, id: int) -> tuple[int, int]:
        """What to sort by; who has no place comes last, in the order of import."""
        return self.by_id.get(id, len(self.by_id)), id


def _by_name(sample: Sample, _places: Places) -> object:
    """As people count: image 9 before image 10."""
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _NUMBERS.split(sample.name.casefold()) if part]
    return parts, sample.path


ORDERS: dict[str, Callable[[Sample, Places], Any] | None] = {
    IMPORTED: None,
    "unlabelled": lambda sample, _places: sample.class_id is not None,
    "name": _by_name,
    LIKENESS: lambda sample, places: places.get(sample.content_hash, len(places)),
}
"""What each sorts by; among equals the order of import stays."""


def ranks(dataset: Dataset, order: str, places: Places) -> Ranks | None:
    """The order of a data set as it is now; None for that of the import. Takes as long as the data set is large."""
    key = ORDERS[order]
    if key is None:
        return None
    ordered = sorted(dataset.samples, key=lambda sample: key(sample, places))
    return Ranks({sample.id: place for place, sample in enumerate(ordered)})
