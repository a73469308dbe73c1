"""Taking found files into the database: classes and groups by name, known paths updated, one transaction a call."""

import uuid
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tlstudio.domain.commands import Change
from tlstudio.domain.samples import NewSample, Root
from tlstudio.messages import Message, message
from tlstudio.project import queries
from tlstudio.project.database import Database
from tlstudio.project.regions import put_imported


def add_samples(database: Database, root: Root, new: Sequence[NewSample], *, given_splits: bool) -> Change:
    """Insert `new` under `root`, inside the caller's transaction.

    A path that is known there is updated in what was read from the file; what a person said of it (class, split, set
    aside) stays. Given splits are also noted in the settings.
    """
    known = _known(database, root, [item.path for item in new])
    next_id = 1 + int(database.value("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'samples'") or 0)
    ids: list[int] = []
    fresh: list[tuple[int, NewSample]] = []
    changed: list[tuple[int, NewSample]] = []
    for item in new:
        id = known.get(item.path)
        if id is None:
            id, next_id = next_id, next_id + 1
            known[item.path] = id
            fresh.append((id, item))
        else:
            changed.append((id, item))
        ids.append(id)
    num_classes = len(queries.classes(database))
    classes = _classes(database, _class_names(new))
    groups = _groups(database, (item.group for item in new))
    _insert(database, root, fresh, groups)
    _update(database, changed, groups)
    _annotate(database, fresh + changed, classes, given_splits=given_splits)
    _put_taken(database, fresh + changed)
    put_imported(database, {id: item.regions for id, item in fresh + changed if item.regions is not None}, classes)
    if given_splits:
        _plan_as_given(database)
    return Change(
        samples=tuple(sorted(set(ids))),
        classes=len(queries.classes(database)) != num_classes,
        added=True,
        words=_words(len(fresh)),
    )


def _plan_as_given(database: Database) -> None:
    """From now on samples without a split go to training."""
    settings = queries.settings(database)
    if not settings.split_plan.given:
        plan = msgspec.structs.replace(settings.split_plan, given=True)
        queries.put_setting(database, "project", msgspec.structs.replace(settings, split_plan=plan))


def _words(number: int) -> Message:
    if number == 1:
        return message("import.added_one", "1 image added")
    return message("import.added", "{number} images added", number=number)


def _known(database: Database, root: Root, paths: list[str]) -> dict[str, int]:
    rows = database.rows(
        "SELECT path, id FROM samples WHERE root = ? AND parent IS NULL AND path IN (SELECT value FROM json_each(?))",
        [root.id, queries.as_json(paths)],
    )
    return dict(rows)


def _insert(database: Database, root: Root, fresh: list[tuple[int, NewSample]], groups: dict[str, int]) -> None:
    database.run_many(
        "INSERT INTO samples (id, root, path, content_hash, width_px, height_px, format, group_id, aside_reason, aside_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((id, root.id, item.path, *_read(item, groups), *_aside(item)) for id, item in fresh),
    )


def _update(database: Database, changed: list[tuple[int, NewSample]], groups: dict[str, int]) -> None:
    database.run_many(
        "UPDATE samples SET content_hash = ?, width_px = ?, height_px = ?, format = ?, group_id = coalesce(?, group_id) WHERE id = ?",
        ((*_read(item, groups), id) for id, item in changed),
    )
    database.run_many(
        "UPDATE samples SET aside_reason = ?, aside_by = ? WHERE id = ? AND aside_by IS NOT 'person'",
        ((*_aside(item), id) for id, item in changed),
    )


def _read(item: NewSample, groups: dict[str, int]) -> tuple[str, int, int, str, int | None]:
    return item.content_hash, item.width_px, item.height_px, item.format, None if item.group is None else groups[item.group]


def _aside(item: NewSample) -> tuple[str | None, str | None]:
    return (None, None) if item.reason is None else (queries.as_json(item.reason), "import")


def _annotate(database: Database, items: list[tuple[int, NewSample]], classes: dict[str, str], *, given_splits: bool) -> None:
    """Classes, splits and notes as the data says, where nothing has been said yet."""
    database.run_many(
        "INSERT INTO annotations (sample, kind, class, source) VALUES (?, 'label', ?, 'import') ON CONFLICT DO NOTHING",
        ((id, classes[item.class_name]) for id, item in items if item.class_name is not None),
    )
    if given_splits:
        _put_came(database, items)
    database.run_many(
        "INSERT INTO splits (sample, split, given) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        ((id, item.split.value, given_splits) for id, item in items if item.split is not None),
    )
    database.run_many(
        "INSERT INTO notes (sample, text) VALUES (?, ?) ON CONFLICT DO NOTHING", ((id, item.note) for id, item in items if item.note)
    )


def _put_came(database: Database, items: list[tuple[int, NewSample]]) -> None:
    """The split that the data gives, of samples that have none yet: what a person changes is told by it."""
    database.run_many(
        "INSERT INTO annotations (sample, kind, payload, source) SELECT ?1, 'came', ?2, 'data' "
        "WHERE NOT EXISTS (SELECT 1 FROM splits WHERE sample = ?1)",
        ((id, item.split.value) for id, item in items if item.split is not None),
    )


def _put_taken(database: Database, items: list[tuple[int, NewSample]]) -> None:
    """The time of capture, as an annotation without a class that no import of regions replaces."""
    database.run_many("DELETE FROM annotations WHERE sample = ? AND kind = 'taken'", ((id,) for id, _ in items))
    database.run_many(
        "INSERT INTO annotations (sample, kind, payload, source) VALUES (?, 'taken', ?, 'file')",
        ((id, queries.as_json(item.taken_at)) for id, item in items if item.taken_at is not None),
    )


def _class_names(new: Sequence[NewSample]) -> Iterator[str | None]:
    for item in new:
        yield item.class_name
        if item.regions:
            yield from (region.class_name for region in item.regions)


# A merged class leads to the one it is part of now, and that one perhaps to a third.
_LIVING = """
WITH RECURSIVE living (id, kept) AS (
  SELECT id, id FROM classes WHERE removed = 0
  UNION ALL SELECT c.id, living.kept FROM classes c JOIN living ON c.alias_of = living.id WHERE c.removed = 1
)
"""
_FORMER = _LIVING + "SELECT f.name, living.kept FROM former_names f JOIN living ON living.id = f.class"
_NAMED = _LIVING + "SELECT c.name, living.kept FROM classes c JOIN living ON living.id = c.id ORDER BY c.removed DESC, c.position"


def _classes(database: Database, names: Iterable[str | None]) -> dict[str, str]:
    """The id of each class by name, made where there is none; a former name and that of a merged class find their class."""
    found: dict[str, str] = dict(database.rows(_FORMER))
    found.update(dict(database.rows(_NAMED)))
    for name in dict.fromkeys(names):
        if name is not None and name not in found:
            found[name] = str(uuid.uuid4())
            insert_class(database, found[name], name)
    return found


def insert_class(database: Database, class_id: str, name: str) -> None:
    """A new class behind the last one, or a removed one back in."""
    database.run(
        "INSERT INTO classes (id, name, position) "
        "VALUES (?, ?, (SELECT coalesce(max(position) + 1, 0) FROM classes WHERE removed = 0)) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, removed = 0, alias_of = NULL, "
        "position = CASE WHEN EXISTS (SELECT 1 FROM classes c WHERE c.removed = 0 AND c.position = classes.position) "
        "THEN excluded.position ELSE classes.position END",
        [class_id, name],
    )


def _groups(database: Database, names: Iterable[str | None]) -> dict[str, int]:
    wanted = [(name,) for name in dict.fromkeys(names) if name is not None]
    if not wanted:
        return {}
    database.run_many("INSERT INTO groups (name) VALUES (?) ON CONFLICT DO NOTHING", wanted)
    return dict(database.rows("SELECT name, id FROM groups"))
