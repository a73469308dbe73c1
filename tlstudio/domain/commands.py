"""Edits of a project as values. Each is applied in one transaction, which also stores its inverse for undo."""

import msgspec

from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import Message


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all edits."""


class SetClasses(Command, frozen=True, kw_only=True, tag="set_classes"):
    """Give each sample a class (None: unlabelled), and with it the place in the division that comes of it."""

    class_by_sample: dict[int, str | None]
    split_by_sample: dict[int, Split | None] = {}
    """Of those that had no place yet; taken back together with the class."""


class SetSplits(Command, frozen=True, kw_only=True, tag="set_splits"):
    """Give each sample a split by hand or by a new division (`given` marks those set by hand)."""

    split_by_sample: dict[int, Split | None]
    given: dict[int, bool] = {}
    plan: SplitPlan | None = None
    """How images are divided from now on; None leaves it as it is."""


class SetGroups(Command, frozen=True, kw_only=True, tag="set_groups"):
    """Say which samples must stay on one side of a division (None: on its own)."""

    group_by_sample: dict[int, str | None]


class SetAside(Command, frozen=True, kw_only=True, tag="set_aside"):
    """Take samples out (a reason) or back in (None)."""

    reason_by_sample: dict[int, Message | None]


class SetNotes(Command, frozen=True, kw_only=True, tag="set_notes"):
    """Free text on samples."""

    note_by_sample: dict[int, str]


class AddClass(Command, frozen=True, kw_only=True, tag="add_class"):
    """A new, empty class; its id is a fresh UUID chosen by the caller."""

    class_id: str
    name: str


class RemoveClass(Command, frozen=True, kw_only=True, tag="remove_class"):
    """Take away a class that no sample has."""

    class_id: str


class RenameClass(Command, frozen=True, kw_only=True, tag="rename_class"):
    """Another name for the same class."""

    class_id: str
    name: str


class MergeClasses(Command, frozen=True, kw_only=True, tag="merge_classes"):
    """All that has one class gets another, and the first is gone; its name leads to the other from then on."""

    class_id: str
    into: str


class UnmergeClass(Command, frozen=True, kw_only=True, tag="unmerge_class"):
    """Take a class out of the one it was merged into; those named that still have that class get theirs back."""

    class_id: str
    name: str
    into: str
    labelled: tuple[int, ...]
    """Samples."""
    regions: dict[int, int]
    """Boxes, outlines and masks: the sample by the annotation's id."""


AnyCommand = SetClasses | SetSplits | SetGroups | SetAside | SetNotes | AddClass | RemoveClass | RenameClass | MergeClasses | UnmergeClass


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit, an import or an undo touched, so that panels refresh just that."""

    samples: tuple[int, ...] = ()
    classes: bool = False
    added: bool = False
    """True where samples came or went: the whole data set is read again."""
    words: Message | None = None
    """For the status line, such as "3 images are now bees"."""
