"""Images taken within seconds of each other: whether they show the same, a person knows."""

from tlstudio.domain.bursts import is_burst, propose_bursts
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of bursts where images have no other groups; again where images came later that belong to some."""
    groups = {sample.group for sample in dataset.ready if sample.group is not None}
    if not all(is_burst(group) for group in groups):
        return []
    proposal = propose_bursts(dataset)
    if proposal is None:
        return []
    without = tuple(id for id in proposal.group_by_sample if dataset.by_id[id].group is None)
    if not without:
        return []
    number, images = proposal.num_groups, len(proposal.group_by_sample)
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.bursts", "{images} images were taken in {number} bursts", images=images, number=number)
            if not groups
            else message("check.bursts_more", "{images} more images were taken in bursts", images=len(without)),
            why=message(
                "check.bursts.why",
                "Within seconds of each other, such as {files} and those after it. If images of one burst show nearly the same, they must "
                "not be divided.",
                files=proposal.examples[0][1],
            ),
            samples=without,
            fix=Fix.USE_BURSTS,
        )
    ]
