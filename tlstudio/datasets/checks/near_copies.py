"""Near copies that lie on one side do no harm, but count double."""

from tlstudio.datasets.copies import are_apart, near_copies
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of those that are not apart. Setting them aside is left to a person: which of them is the better picture, only eyes can say."""
    together = [members for members in near_copies(dataset) if not are_apart(members)]
    if not together:
        return []
    extra = sum(len({sample.content_hash for sample in members}) - 1 for members in together)
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.near_one", "1 near copy of another image")
            if extra == 1
            else message("check.near", "{number} near copies of other images", number=extra),
            why=message(
                "check.near.why",
                "The same picture, resized, cut or saved once more. They are kept in the same split, so nothing leaks.",
            ),
            samples=tuple(sample.id for members in together for sample in members),
        )
    ]
