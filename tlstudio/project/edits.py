"""Edits of data: applied with their inverse computed, kept in the `edits` table, undone and redone from there."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from tlstudio.domain.commands import (
    AddClass,
    AnyCommand,
    Change,
    MergeClasses,
    RemoveClass,
    RenameClass,
    SetAside,
    SetClasses,
    SetGroups,
    SetNotes,
    SetSplits,
    UnmergeClass,
)
from tlstudio.domain.splits import SplitPlan
from tlstudio.errors import BugError, TLStudioError
from tlstudio.messages import Message, message
from tlstudio.project import merging, queries
from tlstudio.project.adding import insert_class
from tlstudio.project.database import Database
from tlstudio.project.edit_words import words_of, words_of_undo

_KEPT = 1000
_command = msgspec.json.Decoder(AnyCommand)
_words = msgspec.json.Decoder(Message)


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What applying a command came to: the part of it that changed something, and how to take that back."""

    command: AnyCommand
    inverse: AnyCommand
    samples: tuple[int, ...] = ()
    classes: bool = False


def apply(database: Database, command: AnyCommand, *, undoable: bool) -> Change:
    """Do it, inside the caller's transaction. A command that changes nothing leaves no trace. Raises `TLStudioError`."""
    applied = _perform(database, command)
    if applied is None:
        return Change()
    words = words_of(database, applied.command)
    if undoable:
        database.run("DELETE FROM edits WHERE undone = 1")
        database.run(
            "INSERT INTO edits (at, command, inverse, words) VALUES (?, ?, ?, ?)",
            [time.time(), queries.as_json(applied.command), queries.as_json(applied.inverse), queries.as_json(words)],
        )
        database.run("DELETE FROM edits WHERE id <= (SELECT max(id) FROM edits) - ?", [_KEPT])
    return Change(samples=applied.samples, classes=applied.classes, words=words)


def undo(database: Database) -> Change | None:
    """Take back the last edit; None where there is none."""
    found = database.rows("SELECT id, inverse FROM edits WHERE undone = 0 ORDER BY id DESC LIMIT 1")
    return _step(database, *found[0], undone=True) if found else None


def redo(database: Database) -> Change | None:
    """Do the edit again that was taken back last; None where there is none."""
    found = database.rows("SELECT id, command FROM edits WHERE undone = 1 ORDER BY id LIMIT 1")
    return _step(database, *found[0], undone=False) if found else None


def _step(database: Database, id: int, text: str, *, undone: bool) -> Change:
    command = _command.decode(text)
    applied = _perform(database, command)
    database.run("UPDATE edits SET undone = ? WHERE id = ?", [undone, id])
    if applied is None:
        return Change()
    if not undone:
        # Imports may have come between: the way back starts from here.
        database.run("UPDATE edits SET inverse = ? WHERE id = ?", [queries.as_json(applied.inverse), id])
    words = words_of_undo if undone else words_of
    return Change(samples=applied.samples, classes=applied.classes, words=words(database, applied.command))


def undo_words(database: Database) -> Message | None:
    """What undo would take back."""
    text = database.value("SELECT words FROM edits WHERE undone = 0 ORDER BY id DESC LIMIT 1")
    return None if text is None else _words.decode(text)


def redo_words(database: Database) -> Message | None:
    """What redo would do again."""
    text = database.value("SELECT words FROM edits WHERE undone = 1 ORDER BY id LIMIT 1")
    return None if text is None else _words.decode(text)


def _perform(database: Database, command: AnyCommand) -> Applied | None:
    return _APPLY[type(command)](database, command)


def _set_classes(database: Database, command: SetClasses) -> Applied | None:
    before = queries.labels(database, command.class_by_sample)
    wanted = _differing(command.class_by_sample, before)
    _require_classes(database, set(wanted.values()))
    queries.put_labels(database, wanted, source="person")
    places = {id: split for id, split in command.split_by_sample.items() if id in wanted}
    places_before = {id: split for id, (split, _) in queries.splits(database, places).items()}
    queries.put_splits(database, places, given={})
    inverse = SetClasses(class_by_sample={id: before[id] for id in wanted}, split_by_sample=places_before)
    return _of_samples(wanted, lambda: (SetClasses(class_by_sample=wanted, split_by_sample=places), inverse))


def _set_splits(database: Database, command: SetSplits) -> Applied | None:
    before = queries.splits(database, command.split_by_sample)
    wanted_pairs = {id: (split, split is not None and command.given.get(id, False)) for id, split in command.split_by_sample.items()}
    changed = _differing(wanted_pairs, before)
    plan_before = _set_plan(database, command.plan)
    if not changed and plan_before is None:
        return None
    wanted = _splits_command(changed, command.plan)
    queries.put_splits(database, wanted.split_by_sample, wanted.given)
    inverse = _splits_command({id: before[id] for id in changed}, plan_before)
    return Applied(command=wanted, inverse=inverse, samples=tuple(sorted(changed)))


def _set_plan(database: Database, plan: SplitPlan | None) -> SplitPlan | None:
    """The plan that was stored before; None where it is the same one."""
    settings = queries.settings(database)
    if plan is None or plan == settings.split_plan:
        return None
    queries.put_setting(database, "project", msgspec.structs.replace(settings, split_plan=plan))
    return settings.split_plan


def _splits_command(pairs: dict[int, Any], plan: SplitPlan | None) -> SetSplits:
    return SetSplits(
        split_by_sample={id: split for id, (split, _) in pairs.items()},
        given={id: True for id, (_, given) in pairs.items() if given},
        plan=plan,
    )


def _set_groups(database: Database, command: SetGroups) -> Applied | None:
    before = queries.groups(database, command.group_by_sample)
    wanted = _differing(command.group_by_sample, before)
    queries.put_groups(database, wanted)
    return _of_samples(wanted, lambda: (SetGroups(group_by_sample=wanted), SetGroups(group_by_sample={id: before[id] for id in wanted})))


def _set_aside(database: Database, command: SetAside) -> Applied | None:
    before = queries.reasons(database, command.reason_by_sample)
    wanted = _differing(command.reason_by_sample, before)
    queries.put_reasons(database, wanted)
    return _of_samples(wanted, lambda: (SetAside(reason_by_sample=wanted), SetAside(reason_by_sample={id: before[id] for id in wanted})))


def _set_notes(database: Database, command: SetNotes) -> Applied | None:
    before = queries.notes(database, command.note_by_sample)
    wanted = _differing(command.note_by_sample, before)
    queries.put_notes(database, wanted)
    return _of_samples(wanted, lambda: (SetNotes(note_by_sample=wanted), SetNotes(note_by_sample={id: before[id] for id in wanted})))


def _add_class(database: Database, command: AddClass) -> Applied | None:
    if any(item.id == command.class_id for item in queries.classes(database)):
        return None
    _require_free(database, command.name)
    insert_class(database, command.class_id, command.name)
    return Applied(command=command, inverse=RemoveClass(class_id=command.class_id), classes=True)


def _remove_class(database: Database, command: RemoveClass) -> Applied | None:
    name = _name_of(database, command.class_id)
    number = int(database.value("SELECT count(DISTINCT sample) FROM annotations WHERE class = ?", [command.class_id]))
    if number:
        raise TLStudioError(
            message("class.not_empty", "{name} still has {number} images.", name=name, number=number),
            message("class.not_empty.hint", "Give them another class first. Images that are set aside count too."),
        )
    database.run("UPDATE classes SET removed = 1 WHERE id = ?", [command.class_id])
    return Applied(command=command, inverse=AddClass(class_id=command.class_id, name=name), classes=True)


def _rename_class(database: Database, command: RenameClass) -> Applied | None:
    name = _name_of(database, command.class_id)
    if name == command.name:
        return None
    _require_free(database, command.name)
    database.run("UPDATE classes SET name = ? WHERE id = ?", [command.name, command.class_id])
    database.run("INSERT OR REPLACE INTO former_names (name, class) VALUES (?, ?)", [name, command.class_id])
    return Applied(command=command, inverse=RenameClass(class_id=command.class_id, name=name), classes=True)


def _merge_classes(database: Database, command: MergeClasses) -> Applied | None:
    name = _name_of(database, command.class_id)
    _require_classes(database, {command.into})
    if command.class_id == command.into:
        return None
    moved = merging.move_all(database, command.class_id, into=command.into)
    database.run("UPDATE classes SET removed = 1, alias_of = ? WHERE id = ?", [command.into, command.class_id])
    inverse = UnmergeClass(class_id=command.class_id, name=name, into=command.into, labelled=moved.labelled, regions=moved.regions)
    return Applied(command=command, inverse=inverse, samples=moved.samples, classes=True)


def _unmerge_class(database: Database, command: UnmergeClass) -> Applied | None:
    _require_free(database, command.name)
    insert_class(database, command.class_id, command.name)
    moved = merging.move_back(database, command.into, into=command.class_id, labelled=command.labelled, regions=command.regions)
    inverse = MergeClasses(class_id=command.class_id, into=command.into)
    return Applied(command=command, inverse=inverse, samples=moved.samples, classes=True)


_APPLY: dict[type, Callable[[Database, Any], Applied | None]] = {
    SetClasses: _set_classes,
    SetSplits: _set_splits,
    SetGroups: _set_groups,
    SetAside: _set_aside,
    SetNotes: _set_notes,
    AddClass: _add_class,
    RemoveClass: _remove_class,
    RenameClass: _rename_class,
    MergeClasses: _merge_classes,
    UnmergeClass: _unmerge_class,
}


def _differing(wanted: dict[int, Any], before: dict[int, Any]) -> dict[int, Any]:
    """The part of `wanted` that is not so already."""
    unknown = wanted.keys() - before.keys()
    if unknown:
        raise BugError(f"no samples {sorted(unknown)[:5]} in this project")
    return {id: value for id, value in wanted.items() if before[id] != value}


def _of_samples(wanted: dict[int, Any], commands: Callable[[], tuple[AnyCommand, AnyCommand]]) -> Applied | None:
    if not wanted:
        return None
    command, inverse = commands()
    return Applied(command=command, inverse=inverse, samples=tuple(sorted(wanted)))


def _require_classes(database: Database, ids: set[str | None]) -> None:
    missing = ids - {None} - {item.id for item in queries.classes(database)}
    if missing:
        raise TLStudioError(
            message("class.gone", "That class is no longer in the project."),
            message("class.gone.hint", "Choose another class, or undo its removal."),
        )


def _require_free(database: Database, name: str) -> None:
    if any(item.name == name for item in queries.classes(database)):
        raise TLStudioError(
            message("class.name_taken", "There is already a class called {name}.", name=name),
            message("class.name_taken.hint", "Choose another name."),
        )


def _name_of(database: Database, class_id: str) -> str:
    _require_classes(database, {class_id})
    return next(item.name for item in queries.classes(database) if item.id == class_id)
