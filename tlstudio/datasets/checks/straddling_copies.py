"""Copies on both sides of a division make figures look better than they are."""

from tlstudio.datasets.copies import are_apart, exact_copies, severity_of
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Blocks where copies are learned from and judged by; only a given division or a person can have put them there."""
    apart = [members for members in exact_copies(dataset) if are_apart(members)]
    if not apart:
        return []
    return [
        Finding(
            check=id,
            severity=severity_of(apart),
            title=message("check.straddling_one", "1 image lies in more than one split as exact copies")
            if len(apart) == 1
            else message("check.straddling", "{number} images lie in more than one split as exact copies", number=len(apart)),
            why=message(
                "check.straddling.why",
                "What was seen in training is no test: accuracy comes out too high. The fix puts all copies of an image into one split.",
            ),
            samples=tuple(sample.id for members in apart for sample in members),
            fix=Fix.MOVE_TOGETHER,
        )
    ]
