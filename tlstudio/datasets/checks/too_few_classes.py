"""A classifier needs two classes to choose between."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Blocks below two classes that have images."""
    used = [item for item in dataset.classes if dataset.num_by_class[item.id]]
    if len(used) >= 2:
        return []
    if used:
        title = message("check.one_class", "All images are of one class, {name}", name=used[0].name)
        why = message("check.one_class.why", "A model needs at least two classes to tell apart: import another folder or add a class.")
    else:
        title = message("check.no_class", "No image has a class yet")
        why = message("check.no_class.why", "Select images and give them a class, or import a folder with one sub-folder for each class.")
    return [Finding(check=id, severity=Severity.BLOCKS, title=title, why=why)]
