"""Names that look like slides, patients or bursts: whether they are, a person knows."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.grouping import propose
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of the coarsest plausible grouping where no image has a group yet."""
    if any(sample.group is not None for sample in dataset.ready):
        return []
    proposals = propose(dataset)
    if not proposals:
        return []
    best = proposals[0]
    groups = ", ".join(name for name, _ in best.examples)
    files = ", ".join(file for _, file in best.examples)
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.groups_folder", "Folders suggest {number} groups: {groups} …", number=best.num_groups, groups=groups)
            if best.rule == "folder"
            else message("check.groups", "File names suggest {number} groups: {groups} …", number=best.num_groups, groups=groups),
            why=message(
                "check.groups.why",
                "Such as {files}. If images of one group show the same slide, patient or burst, they must not be divided.",
                files=files,
            ),
            fix=Fix.USE_GROUPS,
        )
    ]
