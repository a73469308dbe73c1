"""Labels and regions that go from one class to another, and back."""

from collections.abc import Mapping, Sequence

import msgspec

from tlstudio.project import queries
from tlstudio.project.database import Database


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What has another class now."""

    labelled: tuple[int, ...]
    """Samples."""
    regions: dict[int, int]
    """Boxes, outlines and masks: the sample by the annotation's id."""

    @property
    def samples(self) -> tuple[int, ...]:
        """All that are touched, in order."""
        return tuple(sorted({*self.labelled, *self.regions.values()}))


def move_all(database: Database, class_id: str, *, into: str) -> Moved:
    """Everything that has a class gets another. Where a label came from (an import, a person) stays known."""
    rows = database.rows("SELECT id, sample, kind FROM annotations WHERE class = ? ORDER BY id", [class_id])
    database.run("UPDATE annotations SET class = ? WHERE class = ?", [into, class_id])
    return Moved(
        labelled=tuple(sample for _, sample, kind in rows if kind == "label"),
        regions={id: sample for id, sample, kind in rows if kind != "label"},
    )


def move_back(database: Database, class_id: str, *, into: str, labelled: Sequence[int], regions: Mapping[int, int]) -> Moved:
    """These get another class, as far as they still have `class_id`: a later word of a person or an import stands."""
    some = queries.as_json(labelled)
    kept = "class = ? AND kind = 'label' AND sample IN (SELECT value FROM json_each(?))"
    found = [sample for (sample,) in database.rows(f"SELECT sample FROM annotations WHERE {kept}", [class_id, some])]
    database.run(f"UPDATE annotations SET class = ? WHERE {kept}", [into, class_id, some])
    database.run_many(
        "UPDATE annotations SET class = ? WHERE id = ? AND sample = ? AND class = ? AND kind != 'label'",
        ((into, id, sample, class_id) for id, sample in regions.items()),
    )
    return Moved(labelled=tuple(found), regions=dict(regions))
