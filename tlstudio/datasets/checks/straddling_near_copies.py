"""Nearly the same picture on both sides of a division: resized, cut, or saved once more."""

from tlstudio.datasets.copies import are_apart, near_copies, severity_of
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix
from tlstudio.domain.samples import Sample
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Blocks where one file is learned from and its near copy judges. Exact copies that are apart have a finding of their own."""
    apart = [members for members in near_copies(dataset) if _files_are_apart(members)]
    if not apart:
        return []
    return [
        Finding(
            check=id,
            severity=severity_of(apart),
            title=message("check.straddling_near_one", "1 picture lies in more than one split as near copies")
            if len(apart) == 1
            else message("check.straddling_near", "{number} pictures lie in more than one split as near copies", number=len(apart)),
            why=message(
                "check.straddling_near.why",
                "They look the same but for size, brightness or compression. A model that has learned one knows the other: "
                "accuracy comes out too high. The fix puts all of them into one split.",
            ),
            samples=tuple(sample.id for members in apart for sample in members),
            fix=Fix.MOVE_TOGETHER,
        )
    ]


def _files_are_apart(members: list[Sample]) -> bool:
    placed = [sample for sample in members if sample.split is not None and sample.class_id is not None]
    return are_apart(placed) and len({sample.content_hash for sample in placed}) > 1
