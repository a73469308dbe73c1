"""Labels that may be wrong, because a run that never learned from these images is sure of another class."""

from collections import Counter

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.evidence import Doubt
from tlstudio.domain.findings import Finding, Severity
from tlstudio.domain.samples import SampleState
from tlstudio.messages import message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of those whose label is still the one that was doubted.

    There is no button: setting aside what a run finds hard would make its figures look better than they are.
    """
    doubts = [doubt for doubt in dataset.evidence.doubts if _still_stands(dataset, doubt)]
    if not doubts:
        return []
    (said, seen), _ = Counter((doubt.said, doubt.seen) for doubt in doubts).most_common(1)[0]
    run = dataset.evidence.doubting_run
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.doubted_one", "Run {run} is sure of another class in 1 image", run=run)
            if len(doubts) == 1
            else message("check.doubted", "Run {run} is sure of another class in {number} images", run=run, number=len(doubts)),
            why=message(
                "check.doubted.why",
                "Their labels may be wrong ({said} seen as {seen}), and it has not learned from them. Look, and correct what is wrong.",
                said=dataset.class_by_id[said].name,
                seen=dataset.class_by_id[seen].name,
            ),
            samples=tuple(doubt.sample for doubt in doubts),
        )
    ]


def _still_stands(dataset: Dataset, doubt: Doubt) -> bool:
    sample = dataset.by_id.get(doubt.sample)
    if sample is None or sample.state is not SampleState.READY or sample.class_id != doubt.said:
        return False
    return {doubt.said, doubt.seen} <= dataset.class_by_id.keys()
