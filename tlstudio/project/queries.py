"""Every question to the database, as SQL in and domain values out; and the few writes that are not edits."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from sys import intern
from typing import TypeVar

import msgspec

from tlstudio.domain.events import Pruned, Summary
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.recipe import decode_recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import Class, Root, Sample, SampleState
from tlstudio.domain.settings import ProjectSettings
from tlstudio.domain.splits import Split
from tlstudio.errors import BugError
from tlstudio.log import logger
from tlstudio.messages import Message
from tlstudio.project.database import Database, Row, Value

log = logger(__name__)

T = TypeVar("T")

_SPLITS: dict[str | None, Split | None] = {None: None, **{split.value: split for split in Split}}
_message = msgspec.json.Decoder(Message)

_SAMPLES = """
SELECT s.id, s.root, s.path, s.content_hash, s.width_px, s.height_px, s.format, s.aside_reason, a.class, p.split, p.given, g.name, n.text
FROM samples s
LEFT JOIN annotations a ON a.sample = s.id AND a.kind = 'label'
LEFT JOIN splits p ON p.sample = s.id
LEFT JOIN groups g ON g.id = s.group_id
LEFT JOIN notes n ON n.sample = s.id
"""
_RUN_COLUMNS = "number, recipe, weights_name, created_at, status, summary, num_classes, override, judged_on, ended_early, pruned"
_WITH_IDS = "(SELECT value FROM json_each(?))"


def samples(database: Database) -> list[Sample]:
    """All, in the order of their ids."""
    return [_sample(row) for row in database.each(_SAMPLES + "ORDER BY s.id")]


def samples_by_id(database: Database, ids: Sequence[int]) -> list[Sample]:
    """Those asked for, in the order asked. Raises `BugError` for one that is not there."""
    rows = database.rows(_SAMPLES + f"WHERE s.id IN {_WITH_IDS}", [as_json(ids)])
    found = {row[0]: _sample(row) for row in rows}
    try:
        return [found[id] for id in ids]
    except KeyError as missing:
        raise BugError(f"no sample {missing} in this project") from None


def _sample(row: Row) -> Sample:
    """What many samples have in common is kept once."""
    id, root, path, content_hash, width, height, format, reason, class_id, split, given, group, note = row
    return Sample(
        id=id,
        root=root,
        path=path,
        content_hash=content_hash,
        width_px=width,
        height_px=height,
        format=intern(format),
        state=SampleState.READY if reason is None else SampleState.SET_ASIDE,
        class_id=class_id and intern(class_id),
        split=_SPLITS[split],
        split_given=given == 1,
        group=group and intern(group),
        reason=None if reason is None else _message.decode(reason),
        note=note or "",
    )


def classes(database: Database) -> tuple[Class, ...]:
    """The classes there are, in the order of their making."""
    rows = database.rows("SELECT id, name, position FROM classes WHERE removed = 0 ORDER BY position")
    return tuple(Class(id=id, name=name, position=position) for id, name, position in rows)


def roots(database: Database, folder: Path) -> tuple[Root, ...]:
    """The places of the samples; those inside the project move with its `folder`."""
    rows = database.rows("SELECT id, path, copied FROM roots ORDER BY id")
    return tuple(Root(id=id, path=str(folder / path), copied=copied == 1) for id, path, copied in rows)


def near_copies(database: Database) -> tuple[NearCopy, ...]:
    """The pairs that hold sets of near copies together."""
    rows = database.rows("SELECT first, second, likeness FROM near_copies ORDER BY first, second")
    return tuple(NearCopy(first=first, second=second, likeness=likeness) for first, second, likeness in rows)


def taken_at(database: Database) -> dict[int, float]:
    """When each sample was taken, of those whose file says so: seconds on the camera's clock."""
    return {id: float(payload) for id, payload in database.rows("SELECT sample, payload FROM annotations WHERE kind = 'taken'")}


def came_as(database: Database) -> dict[int, Split]:
    """The split that the data itself gave each sample, of those it gave one; the latest word where there are several."""
    rows = database.rows("SELECT sample, payload FROM annotations WHERE kind = 'came' ORDER BY id")
    return {id: Split(split) for id, split in rows}


def add_root(database: Database, folder: Path, path: Path, *, copied: bool) -> Root:
    """The root at `path`, made where there is none yet."""
    path = path.absolute()
    stored = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    database.run(
        "INSERT INTO roots (path, copied) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET copied = excluded.copied", [stored, copied]
    )
    return next(root for root in roots(database, folder) if root.path == str(folder / stored))


def settings(database: Database) -> ProjectSettings:
    """The stored settings; the usual ones where there are none that can be understood."""
    return setting(database, "project", ProjectSettings) or ProjectSettings()


def setting(database: Database, key: str, kind: type[T]) -> T | None:
    """What is stored under a key; None where nothing is, or nothing that this version understands."""
    text = database.value("SELECT value FROM settings WHERE key = ?", [key])
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, TypeError) as error:
        log.info("what %s holds as %s is not understood and starts afresh: %s", database.path, key, error)
        return None


def put_setting(database: Database, key: str, value: object) -> None:
    """Store one value as JSON."""
    database.run(
        "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", [key, as_json(value)]
    )


def runs(database: Database) -> list[Run]:
    """All rows of the run table that this version understands, by number."""
    rows = database.rows(f"SELECT {_RUN_COLUMNS} FROM runs ORDER BY number")
    return [run for run in map(_run, rows) if run is not None]


def _run(row: Row) -> Run | None:
    try:
        return _decoded_run(row)
    except ValueError as error:
        log.info("run %s is left out, it is not of this version: %s", row[0], error)
        return None


def _decoded_run(row: Row) -> Run:
    number, recipe, weights_name, created_at, status, summary, num_classes, override, judged_on, ended_early, pruned = row
    return Run(
        number=number,
        recipe=decode_recipe(recipe),
        weights_name=weights_name,
        created_at=created_at,
        status=Status(status),
        summary=None if summary is None else msgspec.json.decode(summary, type=Summary),
        num_classes=num_classes,
        override=override,
        judged_on=judged_on,
        ended_early=bool(ended_early),
        pruned=None if pruned is None else msgspec.json.decode(pruned, type=Pruned),
    )


def put_run(database: Database, run: Run) -> None:
    """Store a run under its number, in place of what was there."""
    values: list[Value] = [
        run.number,
        as_json(run.recipe),
        run.weights_name,
        run.created_at,
        run.status.value,
        None if run.summary is None else as_json(run.summary),
        run.num_classes,
        run.override,
        run.judged_on,
        int(run.ended_early),
        None if run.pruned is None else as_json(run.pruned),
    ]
    database.run(f"INSERT OR REPLACE INTO runs ({_RUN_COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)


def count_opening(database: Database, run: int) -> None:
    """One more look at the test set."""
    database.run("INSERT INTO test_openings (run, at) VALUES (?, ?)", [run, time.time()])


def num_openings(database: Database) -> int:
    """How often the test set was looked at."""
    return int(database.value("SELECT count(*) FROM test_openings"))


def labels(database: Database, ids: Iterable[int]) -> dict[int, str | None]:
    """The class of each sample."""
    rows = database.rows(
        "SELECT s.id, a.class FROM samples s LEFT JOIN annotations a ON a.sample = s.id AND a.kind = 'label' "
        f"WHERE s.id IN {_WITH_IDS} ORDER BY s.id",
        [as_json(list(ids))],
    )
    return dict(rows)


def put_labels(database: Database, class_by_sample: Mapping[int, str | None], *, source: str) -> None:
    """Give samples their class; an empty label is kept as such, so that an import does not fill it again."""
    database.run_many(
        "INSERT INTO annotations (sample, kind, class, source) VALUES (?, 'label', ?, ?) "
        "ON CONFLICT (sample) WHERE kind = 'label' DO UPDATE SET class = excluded.class, source = excluded.source",
        ((id, class_id, source) for id, class_id in class_by_sample.items()),
    )


def splits(database: Database, ids: Iterable[int]) -> dict[int, tuple[Split | None, bool]]:
    """The split of each sample and whether it was given."""
    rows = database.rows(
        f"SELECT s.id, p.split, p.given FROM samples s LEFT JOIN splits p ON p.sample = s.id WHERE s.id IN {_WITH_IDS} ORDER BY s.id",
        [as_json(list(ids))],
    )
    return {id: (_SPLITS[split], given == 1) for id, split, given in rows}


def put_splits(database: Database, split_by_sample: Mapping[int, Split | None], given: Mapping[int, bool]) -> None:
    """Give samples their split; None takes it away."""
    database.run_many("DELETE FROM splits WHERE sample = ?", ((id,) for id, split in split_by_sample.items() if split is None))
    database.run_many(
        "INSERT INTO splits (sample, split, given) VALUES (?, ?, ?) "
        "ON CONFLICT (sample) DO UPDATE SET split = excluded.split, given = excluded.given",
        ((id, split.value, given.get(id, False)) for id, split in split_by_sample.items() if split is not None),
    )


def groups(database: Database, ids: Iterable[int]) -> dict[int, str | None]:
    """The group of each sample."""
    rows = database.rows(
        f"SELECT s.id, g.name FROM samples s LEFT JOIN groups g ON g.id = s.group_id WHERE s.id IN {_WITH_IDS} ORDER BY s.id",
        [as_json(list(ids))],
    )
    return dict(rows)


def put_groups(database: Database, group_by_sample: Mapping[int, str | None]) -> None:
    """Give samples their group; None takes it away. A group nobody is in stays in the table and does no harm."""
    database.run_many(
        "INSERT INTO groups (name) VALUES (?) ON CONFLICT DO NOTHING",
        ((name,) for name in dict.fromkeys(group_by_sample.values()) if name is not None),
    )
    database.run_many(
        "UPDATE samples SET group_id = (SELECT id FROM groups WHERE name = ?) WHERE id = ?",
        ((name, id) for id, name in group_by_sample.items()),
    )


def reasons(database: Database, ids: Iterable[int]) -> dict[int, Message | None]:
    """Why each sample is set aside; None for one that takes part."""
    rows = database.rows(f"SELECT id, aside_reason FROM samples WHERE id IN {_WITH_IDS} ORDER BY id", [as_json(list(ids))])
    return {id: None if reason is None else _message.decode(reason) for id, reason in rows}


def put_reasons(database: Database, reason_by_sample: Mapping[int, Message | None]) -> None:
    """Set samples aside, or take them back in, as a person's word."""
    database.run_many(
        "UPDATE samples SET aside_reason = ?, aside_by = ? WHERE id = ?",
        ((None, None, id) if reason is None else (as_json(reason), "person", id) for id, reason in reason_by_sample.items()),
    )


def notes(database: Database, ids: Iterable[int]) -> dict[int, str]:
    """The note on each sample, empty where there is none."""
    rows = database.rows(
        f"SELECT s.id, n.text FROM samples s LEFT JOIN notes n ON n.sample = s.id WHERE s.id IN {_WITH_IDS} ORDER BY s.id",
        [as_json(list(ids))],
    )
    return {id: text or "" for id, text in rows}


def put_notes(database: Database, note_by_sample: Mapping[int, str]) -> None:
    """Write notes; an empty one is taken away."""
    database.run_many("DELETE FROM notes WHERE sample = ?", ((id,) for id, text in note_by_sample.items() if not text))
    database.run_many(
        "INSERT INTO notes (sample, text) VALUES (?, ?) ON CONFLICT (sample) DO UPDATE SET text = excluded.text",
        ((id, text) for id, text in note_by_sample.items() if text),
    )


def as_json(value: object) -> str:
    """JSON text of anything msgspec can encode."""
    return msgspec.json.encode(value).decode()
