"""Exact copies: images whose files hold the same bytes."""

from collections import defaultdict

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample


def exact_copies(dataset: Dataset) -> list[list[Sample]]:
    """Sets of two or more images that take part and are the same file byte for byte, each in the order of ids."""
    by_hash: dict[str, list[Sample]] = defaultdict(list)
    for sample in dataset.ready:
        if sample.content_hash:
            by_hash[sample.content_hash].append(sample)
    return [members for members in by_hash.values() if len(members) > 1]


def are_apart(members: list[Sample]) -> bool:
    """Whether copies lie in more than one split."""
    return len({sample.split for sample in members if sample.split is not None and sample.class_id is not None}) > 1


def contradict(members: list[Sample]) -> bool:
    """Whether copies carry more than one class."""
    return len({sample.class_id for sample in members if sample.class_id is not None}) > 1
