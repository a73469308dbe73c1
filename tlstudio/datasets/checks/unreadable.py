"""Files that were found but hold no usable image."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import commonest, message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of them and names the commonest reason; what a person set aside is not counted."""
    unread = [sample for sample in dataset.set_aside if not sample.width_px]
    if not unread:
        return []
    reason, _ = commonest(sample.reason for sample in unread if sample.reason is not None)
    number = len(unread)
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.unreadable_one", "1 unreadable file")
            if number == 1
            else message("check.unreadable", "{number} unreadable files", number=number),
            why=message("check.unreadable_one.why", "It takes no part. {reason} Mend the file, then read it again.", reason=reason)
            if number == 1
            else message(
                "check.unreadable.why",
                "They take no part. Mostly: {reason} Mend the files, then read them again.",
                reason=reason,
            ),
            samples=tuple(sample.id for sample in unread),
            fix=Fix.READ_AGAIN,
        )
    ]
