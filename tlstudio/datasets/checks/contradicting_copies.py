"""The same picture under two classes: at least one of the labels is wrong."""

from tlstudio.datasets.copies import contradict, exact_copies
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Warns; which label is right only a person can say."""
    sets = [members for members in exact_copies(dataset) if contradict(members)]
    if not sets:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.WARNS,
            title=message("check.contradicting_one", "1 image appears under more than one class")
            if len(sets) == 1
            else message("check.contradicting", "{number} images appear under more than one class", number=len(sets)),
            why=message(
                "check.contradicting.why",
                "One of the labels must be wrong, and the model is taught both. Look and correct them; until then they can stay out.",
            ),
            samples=tuple(sample.id for members in sets for sample in members),
            fix=Fix.SET_ASIDE,
            reason=message("aside.contradicting", "The same picture lies in another class"),
        )
    ]
