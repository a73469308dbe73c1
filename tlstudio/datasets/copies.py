"""What belongs together: images whose files hold the same bytes or nearly the same picture, and groups."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Severity
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.domain.units import Units


def exact_copies(dataset: Dataset) -> list[list[Sample]]:
    """Sets of two or more images that take part and are the same file byte for byte, each in the order of ids."""
    number = Counter(sample.content_hash for sample in dataset.ready)
    by_hash: dict[str, list[Sample]] = defaultdict(list)
    for sample in dataset.ready:
        if number[sample.content_hash] > 1 and sample.content_hash:
            by_hash[sample.content_hash].append(sample)
    return list(by_hash.values())


def near_copies(dataset: Dataset) -> list[list[Sample]]:
    """Sets of images that take part and hold nearly the same picture in two or more different files, each in the order of ids."""
    units = Units()
    for pair in dataset.near_copies:
        units.join(pair.first, pair.second)
    paired = {name for pair in dataset.near_copies for name in (pair.first, pair.second)}
    by_unit: dict[str, list[Sample]] = defaultdict(list)
    for sample in dataset.ready:
        if sample.content_hash in paired:
            by_unit[units.root(sample.content_hash)].append(sample)
    return [members for members in by_unit.values() if len({sample.content_hash for sample in members}) > 1]


def groups(dataset: Dataset) -> list[list[Sample]]:
    """Groups of two or more images that take part, each in the order of ids."""
    by_group: dict[str, list[Sample]] = defaultdict(list)
    for sample in dataset.ready:
        if sample.group is not None:
            by_group[sample.group].append(sample)
    return [members for members in by_group.values() if len(members) > 1]


def are_apart(members: Iterable[Sample]) -> bool:
    """Whether images that belong together lie in more than one split."""
    return len(_splits(members)) > 1


def leak(members: Iterable[Sample]) -> bool:
    """Whether some of them are learned from while others choose or judge."""
    splits = _splits(members)
    return Split.TRAIN in splits and len(splits) > 1


def severity_of(apart: Sequence[Sequence[Sample]]) -> Severity:
    """Of sets that are apart: what is known from training blocks; between validation and test it only flatters the choice."""
    return Severity.BLOCKS if any(leak(members) for members in apart) else Severity.WARNS


def contradict(members: Iterable[Sample]) -> bool:
    """Whether copies carry more than one class."""
    return len({sample.class_id for sample in members if sample.class_id is not None}) > 1


def _splits(members: Iterable[Sample]) -> set[Split]:
    return {sample.split for sample in members if sample.split is not None and sample.class_id is not None}
