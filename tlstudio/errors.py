"""The two families of errors: the user's world, and our own mistakes."""

from tlstudio.messages import Message


class TLStudioError(Exception):
    """Something in the user's world: what happened (`title`) and what to do next (`hint`).

    Raised wherever a person can act on it; shown in one place by each front end, never with a traceback.
    """

    def __init__(self, title: Message, hint: Message, *, details: str = "") -> None:
        super().__init__(title, hint)
        self.title = title
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.title.text()} {self.hint.text()}"


class DiskRefusedError(TLStudioError):
    """The disk refused a change: nothing of it happened, and the very same change may be taken later."""


class ImagesAwayError(TLStudioError):
    """Most of the images asked for are not where they were, such as on a drive that is not connected."""


class ClosedMeanwhileError(TLStudioError):
    """What was read from has been closed since: whoever asked is busy no longer, and no window says anything of it."""


class BugError(Exception):
    """A promise of ours was broken; the traceback goes to the log and the user is told where the log is."""
