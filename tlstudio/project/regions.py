"""Boxes, outlines and masks as rows of `annotations`: kind, class and payload."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

import msgspec

from tlstudio.domain.regions import Region, Shape
from tlstudio.log import logger
from tlstudio.project.database import Database, Row

log = logger(__name__)

_shape = msgspec.json.Decoder(Shape)
_encode = msgspec.json.Encoder().encode

_ALL = (
    "SELECT a.sample, a.kind, c.name, a.payload FROM annotations a JOIN classes c ON c.id = a.class "
    "WHERE a.kind != 'label' AND a.payload IS NOT NULL "
)
_ORDER = "ORDER BY a.sample, a.id"


class Regions:
    """What is seen in a project's samples. Thread-safe by the project's own door."""

    def __init__(self, database: Database, *, reading: AbstractContextManager[object]) -> None:
        self._database = database
        self._reading = reading

    def are_there(self) -> bool:
        """Whether anything is seen in any sample."""
        with self._reading:
            return self._database.value("SELECT 1 FROM annotations WHERE kind != 'label' AND class IS NOT NULL LIMIT 1") is not None

    def of(self, ids: Sequence[int] | None = None) -> dict[int, tuple[Region, ...]]:
        """What is seen in each of these samples, or in all; samples in which nothing is seen are left out."""
        with self._reading:
            if ids is None:
                rows = list(self._database.rows(_ALL + _ORDER))
            else:
                some = _encode(list(ids)).decode()
                rows = list(self._database.rows(_ALL + "AND a.sample IN (SELECT value FROM json_each(?)) " + _ORDER, [some]))
        found: dict[int, list[Region]] = {}
        for row in rows:
            region = _region(row)
            if region is not None:
                found.setdefault(row[0], []).append(region)
        return {id: tuple(items) for id, items in found.items()}


def _region(row: Row) -> Region | None:
    sample, kind, class_name, payload = row
    try:
        return Region(kind=kind, class_name=class_name, shape=_shape.decode(payload))
    except msgspec.DecodeError as error:
        log.info("a %s of sample %s is left out, it is not of this version: %s", kind, sample, error)
        return None


def put_imported(database: Database, regions_by_sample: Mapping[int, Iterable[Region]], classes: Mapping[str, str]) -> None:
    """Put these in place of what earlier imports said of the samples. `classes`: ids by name."""
    database.run_many(
        "DELETE FROM annotations WHERE sample = ? AND kind != 'label' AND source = 'import'", ((id,) for id in regions_by_sample)
    )
    database.run_many(
        "INSERT INTO annotations (sample, kind, class, payload, source) VALUES (?, ?, ?, ?, 'import')",
        (
            (id, item.kind, classes[item.class_name], _encode(item.shape).decode())
            for id, items in regions_by_sample.items()
            for item in items
        ),
    )
