"""A slide, a patient or a burst on both sides of a division: the test then asks about what was seen in training."""

from tlstudio.datasets.copies import are_apart, groups, severity_of
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix
from tlstudio.messages import message

_NAMED = 3


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Blocks where images of one group are learned from and others of it judge."""
    apart = [members for members in groups(dataset) if are_apart(members)]
    if not apart:
        return []
    names = ", ".join(str(members[0].group) for members in apart[:_NAMED]) + (" …" if len(apart) > _NAMED else "")
    return [
        Finding(
            check=id,
            severity=severity_of(apart),
            title=message("check.straddling_group_one", "1 group lies in more than one split: {names}", names=names)
            if len(apart) == 1
            else message("check.straddling_group", "{number} groups lie in more than one split: {names}", number=len(apart), names=names),
            why=message(
                "check.straddling_group.why",
                "Images of one group share more than their class: light, background, the very object. The test must ask about groups "
                "that were never seen. The fix puts whole groups into one split.",
            ),
            samples=tuple(sample.id for members in apart for sample in members),
            fix=Fix.MOVE_TOGETHER,
        )
    ]
