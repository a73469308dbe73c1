"""Copies that lie on one side do little harm, but count double."""

from tlstudio.datasets.copies import are_apart, contradict, exact_copies
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of copies that are neither apart nor contradicting, which have findings of their own."""
    harmless = [members for members in exact_copies(dataset) if not are_apart(members) and not contradict(members)]
    extra = [sample.id for members in harmless for sample in members[1:]]
    if not extra:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.copies_one", "1 exact copy of another image")
            if len(extra) == 1
            else message("check.copies", "{number} exact copies of other images", number=len(extra)),
            why=message("check.copies.why", "They are kept in the same split, so nothing leaks, but each counts more than once."),
            samples=tuple(extra),
            fix=Fix.SET_ASIDE,
            reason=message("aside.copy", "An exact copy of another image"),
        )
    ]
