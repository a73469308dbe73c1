"""What `check` finds in a project's folder."""

import msgspec

from tlstudio.messages import Message


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the check: which file, what is wrong, what to do."""

    check: str
    """Which check found it: project, database, images, run, temporary."""
    file: str
    """Relative to the project's folder, with forward slashes."""
    title: Message
    hint: Message
    is_harmless: bool = False
    """Worth telling, but nothing is lost: a torn last line, a drive that is not connected."""
