"""Images in which there is nothing to see."""

from collections import Counter

from tlstudio.datasets.measured import blank
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message

MANY = 5


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Warns of images without contrast, except in a class that is mostly such: there it is what the class means."""
    found = blank(dataset)
    by_class = Counter(dataset.by_id[sample].class_id for sample in found)
    meant = {name for name, number in by_class.items() if name and number >= MANY and 2 * number > dataset.num_by_class[name]}
    odd = tuple(sample for sample in found if dataset.by_id[sample].class_id not in meant)
    if not odd:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.WARNS,
            title=message("check.blank_one", "1 image is blank")
            if len(odd) == 1
            else message("check.blank", "{number} images are blank", number=len(odd)),
            why=message("check.blank.why", "There is nothing to learn from in them, and the model is taught that a class looks like this."),
            samples=odd,
            fix=Fix.SET_ASIDE,
            reason=message("aside.blank", "Blank"),
        )
    ]
