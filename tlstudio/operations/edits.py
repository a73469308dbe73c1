"""Edits of data by hand: classes, splits, setting aside; each undone with one key."""

import unicodedata
import uuid
from collections.abc import Sequence

from tlstudio.domain.commands import AddClass, Change, MergeClasses, RemoveClass, RenameClass, SetAside, SetClasses, SetNotes, SetSplits
from tlstudio.domain.samples import Class, SampleState
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.operations.splitting import places_with_class
from tlstudio.project.project import Project

MAX_NAME = 80


def set_class(project: Project, sample_ids: Sequence[int], class_id: str | None) -> Change:
    """Give images a class; None takes it away. Images that had none get their split with it, and one undo takes both."""
    places = places_with_class(project.dataset(), sample_ids, class_id)
    return project.apply(SetClasses(class_by_sample=dict.fromkeys(sample_ids, class_id), split_by_sample=dict(places)))


def add_class(project: Project, name: str) -> tuple[Class, Change]:
    """A new class without images. Raises `TLStudioError` for an empty name or one that is taken."""
    command = AddClass(class_id=str(uuid.uuid4()), name=_checked_name(project, name))
    change = project.apply(command)
    return next(item for item in project.dataset().classes if item.id == command.class_id), change


def rename_class(project: Project, class_id: str, name: str) -> Change:
    """Another name for a class. Old runs keep the name they were trained with."""
    return project.apply(RenameClass(class_id=class_id, name=_checked_name(project, name, but=class_id)))


def remove_class(project: Project, class_id: str) -> Change:
    """Take away a class that no image has."""
    return project.apply(RemoveClass(class_id=class_id))


def merge_classes(project: Project, class_id: str, *, into: str) -> Change:
    """All images and regions of a class get another; the class is gone, and folders with its name find the other from then on."""
    return project.apply(MergeClasses(class_id=class_id, into=into))


def set_split(project: Project, sample_ids: Sequence[int], split: Split) -> Change:
    """Put images into a split by hand; they stay there when the rest is divided again."""
    return project.apply(SetSplits(split_by_sample=dict.fromkeys(sample_ids, split), given=dict.fromkeys(sample_ids, True)))


def set_aside(project: Project, sample_ids: Sequence[int], reason: Message | None = None) -> Change:
    """Keep images out of training and judging until they are taken back. One that is out already keeps its reason."""
    reason = reason or message("aside.by_hand", "Set aside by hand")
    taking_part = [sample.id for sample in project.samples(sample_ids) if sample.state is SampleState.READY]
    change = project.apply(SetAside(reason_by_sample=dict.fromkeys(taking_part, reason)))
    return change if taking_part else Change(words=message("edit.aside_already", "Set aside already"))


def take_back(project: Project, sample_ids: Sequence[int]) -> Change:
    """Let images take part again. Raises `TLStudioError` where one of them was never readable."""
    unread = [sample for sample in project.samples(sample_ids) if not sample.width_px]
    if unread:
        raise TLStudioError(
            message("aside.unreadable", "{image} could not be read, so it cannot take part.", image=unread[0].path),
            message("aside.unreadable.hint", "Replace the file by a sound one and import its folder again."),
        )
    return project.apply(SetAside(reason_by_sample=dict.fromkeys(sample_ids)))


def set_note(project: Project, sample_ids: Sequence[int], text: str) -> Change:
    """Write a note on images; an empty text takes it away."""
    return project.apply(SetNotes(note_by_sample=dict.fromkeys(sample_ids, text.strip())))


def undo(project: Project) -> Change | None:
    """Take back the last edit, also one from before a restart; None where there is none."""
    return project.undo()


def redo(project: Project) -> Change | None:
    """Do again what was undone last; None where there is nothing."""
    return project.redo()


def _checked_name(project: Project, name: str, *, but: str | None = None) -> str:
    """`name` without stray spaces, in the one way Unicode can be written."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise TLStudioError(
            message("class.no_name", "A class needs a name."),
            message("class.no_name.hint", "Type what these images show, such as a species or a defect."),
        )
    if len(name) > MAX_NAME:
        raise TLStudioError(
            message("class.long_name", "That name is too long for a class."),
            message("class.long_name.hint", "Use at most {number} letters.", number=MAX_NAME),
        )
    taken = next((item.name for item in project.dataset().classes if item.id != but and item.name.casefold() == name.casefold()), None)
    if taken is not None:
        raise TLStudioError(
            message("class.name_taken", "There is already a class called {name}.", name=taken),
            message("class.name_taken.hint", "Choose another name."),
        )
    return name
