"""What dividing anew would do, before it is done: how many images move, what stays, and what would be missing."""

from collections import Counter, defaultdict

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.operations.splitting import division


class MissingPart(msgspec.Struct, frozen=True, kw_only=True):
    """A class that would have no image in a part; a test part that nobody wants is not missed."""

    class_name: str
    split: Split


class SplitPreview(msgspec.Struct, frozen=True, kw_only=True):
    """Of labelled images that take part."""

    plan: SplitPlan
    keep_test: bool
    num_by_split: dict[Split, int]
    """Afterwards."""
    num_moving: int
    num_images: int
    num_by_hand: int
    """Put where they are by a person, or by the data itself; they stay."""
    num_groups: int
    num_copy_sets: int
    """Sets of copies and near copies outside of groups; like groups they are never torn."""
    missing: tuple[MissingPart, ...]

    @property
    def can_train(self) -> bool:
        """Whether there would be something to learn from and something to choose by."""
        return self.num_by_split[Split.TRAIN] > 0 and self.num_by_split[Split.VAL] > 0


def preview(dataset: Dataset, plan: SplitPlan, *, keep_test: bool) -> SplitPreview:
    """Divide in mind only."""
    placed = division(dataset, plan, keep_test=keep_test)
    labelled = [sample for sample in dataset.ready if sample.class_id is not None]
    after = {sample.id: placed.get(sample.id, sample.split) for sample in labelled}
    counts = Counter(after.values())
    by_class: dict[str | None, set[Split | None]] = defaultdict(set)
    for sample in labelled:
        by_class[sample.class_id].add(after[sample.id])
    parts = [split for split in Split if counts[split] or split is not Split.TEST or plan.test]
    return SplitPreview(
        plan=plan,
        keep_test=keep_test,
        num_by_split={split: counts[split] for split in Split},
        num_moving=sum(sample.split is not after[sample.id] for sample in labelled),
        num_images=len(labelled),
        num_by_hand=sum(sample.split_given and sample.id not in placed for sample in labelled),
        num_groups=dataset.num_groups,
        num_copy_sets=sum(all(sample.group is None for sample in unit) for unit in dataset.units),
        missing=tuple(
            MissingPart(class_name=item.name, split=split)
            for split in parts
            for item in dataset.classes
            if item.id in by_class and split not in by_class[item.id]
        ),
    )
