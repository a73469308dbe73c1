"""One class much larger than another: plain accuracy then flatters."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.messages import message

RATIO = 10


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Warns from ten to one on."""
    sizes = sorted((dataset.num_by_class[item.id], item.name) for item in dataset.classes if dataset.num_by_class[item.id])
    if len(sizes) < 2 or sizes[-1][0] < RATIO * sizes[0][0]:
        return []
    (fewest, small), (most, large) = sizes[0], sizes[-1]
    return [
        Finding(
            check=id,
            severity=Severity.WARNS,
            title=message(
                "check.imbalance", "{large} has {ratio} times as many images as {small}", large=large, small=small, ratio=most // fewest
            ),
            why=message(
                "check.imbalance.why",
                "A model that always answers with the large class would look good. Watch balanced accuracy, or train with class weights.",
            ),
        )
    ]
