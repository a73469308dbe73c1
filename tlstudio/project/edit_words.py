"""What an edit says of itself, for the status line and for "Undo ..."."""

from collections.abc import Callable
from typing import Any

from tlstudio.domain.commands import (
    AddClass,
    AnyCommand,
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
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message
from tlstudio.project.database import Database


def words_of(database: Database, command: AnyCommand) -> Message:
    """One short sentence about an edit that has just been made."""
    return _WORDS[type(command)](database, command)


def words_of_undo(database: Database, command: AnyCommand) -> Message:
    """One short sentence about an edit that has just been taken back by `command`."""
    if isinstance(command, SetSplits) and len(set(command.split_by_sample.values())) > 1:
        return message("edit.splits.undone", "{number} images are divided as before", number=len(command.split_by_sample))
    return words_of(database, command)


def _classes(database: Database, command: SetClasses) -> Message:
    number, targets = len(command.class_by_sample), set(command.class_by_sample.values())
    if len(targets) > 1:
        return message("edit.classes.mixed", "{number} images have other classes", number=number)
    (target,) = targets
    if target is None:
        if number == 1:
            return message("edit.classes.none_one", "{image} has no class now", image=_image(database, command.class_by_sample))
        return message("edit.classes.none", "{number} images have no class now", number=number)
    name = _class_name(database, target)
    if number == 1:
        return message("edit.classes.one", "{image} is now {name}", image=_image(database, command.class_by_sample), name=name)
    return message("edit.classes.many", "{number} images are now {name}", number=number, name=name)


_IN_SPLIT = {
    Split.TRAIN: (
        message("edit.splits.train_one", "1 image is now for training"),
        message("edit.splits.train", "{number} images are now for training"),
    ),
    Split.VAL: (
        message("edit.splits.val_one", "1 image is now for validation"),
        message("edit.splits.val", "{number} images are now for validation"),
    ),
    Split.TEST: (
        message("edit.splits.test_one", "1 image is now for the test"),
        message("edit.splits.test", "{number} images are now for the test"),
    ),
    None: (
        message("edit.splits.none_one", "1 image is in no split now"),
        message("edit.splits.none", "{number} images are in no split now"),
    ),
}


def _splits(database: Database, command: SetSplits) -> Message:
    number, targets = len(command.split_by_sample), set(command.split_by_sample.values())
    if not number:
        return message("edit.splits.plan", "Images that come are divided by another plan now")
    if len(targets) > 1:
        return message("edit.splits.mixed", "{number} images are divided anew", number=number)
    return _counted(_IN_SPLIT[targets.pop()], number)


_ASIDE = (message("edit.aside_one", "1 image is set aside"), message("edit.aside", "{number} images are set aside"))
_BACK = (message("edit.back_one", "1 image is back in"), message("edit.back", "{number} images are back in"))
_UNGROUPED = (
    message("edit.groups.none_one", "1 image is in no group now"),
    message("edit.groups.none", "{number} images are in no group now"),
)
_NOTED = (message("edit.note_one", "1 note is written"), message("edit.note", "{number} notes are written"))


def _groups(database: Database, command: SetGroups) -> Message:
    groups = set(command.group_by_sample.values()) - {None}
    number = len(command.group_by_sample)
    if not groups:
        return _counted(_UNGROUPED, number)
    if len(groups) == 1:
        return message("edit.group", "{number} images are one group now: {name}", number=number, name=str(groups.pop()))
    return message("edit.groups", "{number} images are in {groups} groups now", number=number, groups=len(groups))


def _aside(database: Database, command: SetAside) -> Message:
    num_back = sum(reason is None for reason in command.reason_by_sample.values())
    return _counted(_BACK, num_back) if num_back else _counted(_ASIDE, len(command.reason_by_sample))


def _notes(database: Database, command: SetNotes) -> Message:
    return _counted(_NOTED, len(command.note_by_sample))


def _class_added(database: Database, command: AddClass) -> Message:
    return message("edit.class_added", "{name} is a new class", name=command.name)


def _class_removed(database: Database, command: RemoveClass) -> Message:
    return message("edit.class_removed", "The class {name} is gone", name=_class_name(database, command.class_id))


def _class_renamed(database: Database, command: RenameClass) -> Message:
    return message("edit.class_renamed", "The class is called {name} now", name=command.name)


def _classes_merged(database: Database, command: MergeClasses) -> Message:
    gone, kept = _class_name(database, command.class_id), _class_name(database, command.into)
    return message("edit.classes_merged", "{gone} is part of {kept} now", gone=gone, kept=kept)


def _class_unmerged(database: Database, command: UnmergeClass) -> Message:
    kept = _class_name(database, command.into)
    return message("edit.class_unmerged", "{name} and {kept} are two classes again", name=command.name, kept=kept)


_WORDS: dict[type, Callable[[Database, Any], Message]] = {
    SetClasses: _classes,
    SetSplits: _splits,
    SetGroups: _groups,
    SetAside: _aside,
    SetNotes: _notes,
    AddClass: _class_added,
    RemoveClass: _class_removed,
    RenameClass: _class_renamed,
    MergeClasses: _classes_merged,
    UnmergeClass: _class_unmerged,
}


def _counted(one_and_many: tuple[Message, Message], number: int) -> Message:
    one, many = one_and_many
    return one if number == 1 else message(many.id, many.template, number=number)


def _image(database: Database, ids: dict[int, Any]) -> str:
    """The file name of the only sample."""
    return str(database.value("SELECT path FROM samples WHERE id = ?", [next(iter(ids))])).rpartition("/")[2]


def _class_name(database: Database, class_id: str) -> str:
    return str(database.value("SELECT name FROM classes WHERE id = ?", [class_id]))
