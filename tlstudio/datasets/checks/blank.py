"""Images in which there is nothing to see."""

from tlstudio.datasets.measured import blank
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Warns of images without contrast, whatever the rest of the set is like."""
    found = blank(dataset)
    if not found:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.WARNS,
            title=message("check.blank_one", "1 image is blank")
            if len(found) == 1
            else message("check.blank", "{number} images are blank", number=len(found)),
            why=message("check.blank.why", "There is nothing to learn from in them, and the model is taught that a class looks like this."),
            samples=found,
            fix=Fix.SET_ASIDE,
            reason=message("aside.blank", "Blank"),
        )
    ]
