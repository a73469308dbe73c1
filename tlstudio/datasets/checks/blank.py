"""Images in which there is nothing to see."""

from tlstudio.datasets.measured import BLANK_LEVELS
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Warns of images without contrast, whatever the rest of the set is like."""
    qualities = dataset.evidence.qualities
    found = ((sample.id, qualities.get(sample.content_hash)) for sample in dataset.ready)
    blank = tuple(sample for sample, quality in found if quality is not None and quality.contrast < BLANK_LEVELS)
    if not blank:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.WARNS,
            title=message("check.blank_one", "1 image is blank")
            if len(blank) == 1
            else message("check.blank", "{number} images are blank", number=len(blank)),
            why=message("check.blank.why", "There is nothing to learn from in them, and the model is taught that a class looks like this."),
            samples=blank,
            fix=Fix.SET_ASIDE,
            reason=message("aside.blank", "Blank"),
        )
    ]
