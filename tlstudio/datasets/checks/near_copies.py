"""Near copies that lie on one side do no harm, but count double."""

from tlstudio.datasets.copies import are_apart, near_copies
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.samples import Sample
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of those that are not apart. The fix keeps the largest of each set, of which the others may have been made."""
    together = [members for members in near_copies(dataset) if not are_apart(members)]
    if not together:
        return []
    extra = tuple(id for members in together for id in _all_but_the_largest(members))
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.near_one", "1 near copy of another image")
            if len(extra) == 1
            else message("check.near", "{number} near copies of other images", number=len(extra)),
            why=message(
                "check.near.why",
                "The same picture, resized, cut or saved once more. Nothing leaks, as they share a split, but each counts more than once.",
            ),
            samples=tuple(sample.id for members in together for sample in members),
            fix=Fix.SET_ASIDE,
            reason=message("aside.near_copy", "A near copy of a larger image"),
            extra=extra,
        )
    ]


def _all_but_the_largest(members: list[Sample]) -> list[int]:
    """Of each content one: exact copies have a finding of their own."""
    contents = {sample.content_hash: sample for sample in reversed(members)}
    largest = max(contents.values(), key=lambda sample: (sample.width_px * sample.height_px, -sample.id))
    return sorted(sample.id for sample in contents.values() if sample is not largest)
