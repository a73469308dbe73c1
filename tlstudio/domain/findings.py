"""What a health check found: the images, why it matters, and the one thing that mends it."""

from enum import StrEnum

import msgspec

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message


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
    SET_ASIDE = "set_aside"
    """The images take no part until they are taken back, each with the finding's reason."""
    READ_AGAIN = "read_again"
    """The files are tried once more."""
    USE_GROUPS = "use_groups"
    """What names suggest is confirmed; it can be declined as well."""
    USE_BURSTS = "use_bursts"
    """What times of capture suggest is confirmed; likewise."""

    BRIGHTNESS = "brightness"
    """Which values of deep images become black and white is looked at; a person chooses."""

    @property
    def can_be_declined(self) -> bool:
        """Whether a person may say that it is not so; it is not proposed again then."""
        return self in (Fix.USE_GROUPS, Fix.USE_BURSTS)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the health strip."""

    check: str
    severity: Severity
    title: Message
    why: Message
    samples: tuple[int, ...] = ()
    """Those to look at."""
    fix: Fix = Fix.NONE
    reason: Message | None = None
    """What images are set aside for, where the fix does that."""
    extra: tuple[int, ...] = ()
    """Those the fix sets aside, where it leaves some of `samples`."""


_MEND = message(
    "train.blocked.mend",
    "One button moves whole units to one side (`--mend-leaks` in the terminal). With a reason you can train all the same.",
)
_MEND_IN_WINDOW = message(
    "train.blocked.mend_in_window",
    "One button moves whole units to one side. With a reason you can train all the same, in Train.",
)
_LOOK = message("train.blocked.hint", "Look at it in Data. With a reason you can train all the same.")


class TrainingBlockedError(TLStudioError):
    """Training is refused while these findings stand; those with a fix can be mended by one button."""

    def __init__(self, findings: list[Finding]) -> None:
        titles = " ".join(f"{finding.title.text().rstrip('.')}." for finding in findings)
        self.findings = tuple(findings)
        super().__init__(
            message("train.blocked", "Training would give figures that cannot be believed: {titles}", titles=titles),
            _MEND if all(finding.fix is not Fix.NONE for finding in findings) else _LOOK,
            details="\n".join(finding.why.text() for finding in findings),
        )

    def for_window(self) -> TLStudioError:
        """The same without what is to be typed in the terminal."""
        hint = _MEND_IN_WINDOW if self.can_be_mended else self.hint
        return TLStudioError(self.title, hint, details=self.details)

    @property
    def can_be_mended(self) -> bool:
        """Whether buttons take away all that blocks."""
        return all(finding.fix is not Fix.NONE for finding in self.findings)
