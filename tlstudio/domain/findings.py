"""What a health check found: the images, why it matters, and the one thing that mends it."""

from enum import StrEnum

import msgspec

from tlstudio.messages import Message


class Severity(StrEnum):
    """BLOCKS keeps training from starting; WARNS says that numbers may mislead; TELLS is worth knowing."""

    BLOCKS = "blocks"
    WARNS = "warns"
    TELLS = "tells"


class Fix(StrEnum):
    """What the finding's button does."""

    NONE = "none"
    MOVE_TOGETHER = "move_together"
    """Whole units of copies or groups go to one split."""
    SET_ASIDE_COPIES = "set_aside_copies"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the health strip."""

    check: str
    severity: Severity
    title: Message
    why: Message
    samples: tuple[int, ...] = ()
    fix: Fix = Fix.NONE
