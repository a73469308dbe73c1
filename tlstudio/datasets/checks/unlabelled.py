"""Images without a class wait; they neither train nor judge."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of them where others have a class already; without any, `too_few_classes` says so."""
    waiting = tuple(sample.id for sample in dataset.ready if sample.class_id is None)
    if not waiting or len(waiting) == len(dataset.ready):
        return []
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.unlabelled_one", "1 image has no class")
            if len(waiting) == 1
            else message("check.unlabelled", "{number} images have no class", number=len(waiting)),
            why=message("check.unlabelled.why", "They take no part in training until they have one. Keys 1 to 9 set the class."),
            samples=waiting,
        )
    ]
