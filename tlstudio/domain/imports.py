"""What an import answers."""

import msgspec

from tlstudio.domain.commands import Change
from tlstudio.domain.intensity import IntensityRule
from tlstudio.messages import Message


class ImportProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a row of a table, that was found but cannot take part. `path` is relative to what was imported."""

    path: str
    reason: Message
    row: int | None = None
    """Where a row of the table at `path` is meant, or an entry of the annotations; 0 means all of it."""


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one import, complete or stopped."""

    num_found: int
    """Images below the source, by name or first bytes."""
    num_added: int
    """New in the project, those set aside included."""
    num_updated: int
    """Known files whose content had changed."""
    num_known: int
    """Files that were there already, unchanged."""
    num_set_aside: int
    """Of the added and updated ones: kept in the list with the reason, but taking no part."""
    num_skipped: int
    """Everything else below the source: hidden files, other kinds of files, link loops, rows of a table that cannot be used."""
    classes: tuple[str, ...]
    """Names found by this import, sorted."""
    format_id: str
    """The row of FORMATS that read the folder."""
    given_splits: bool
    was_stopped: bool
    problems: tuple[ImportProblem, ...]
    """Why each file was set aside."""
    skipped: tuple[ImportProblem, ...]
    """Why each file or row was skipped."""
    change: Change
    remarks: tuple[Message, ...] = ()
    """What should be said once of how the data was understood."""
    num_joined: int = 0
    """New images that can be used, where the project had others that can; 0 where these are its first."""
    intensity: IntensityRule | None = None
    """The rule for deep pixels, where this import chose it for the project; it is stored and holds from now on."""

    @property
    def table_problems(self) -> list[ImportProblem]:
        """The rows of a table of labels, or entries of annotations, that could not be used as they are, or why none of it could."""
        return [item for item in self.skipped if item.row is not None]
