"""The button of the leak findings: whole units to one side, with as little movement as that takes."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tlstudio.datasets.copies import are_apart
from tlstudio.domain.commands import Change, SetSplits
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import Message, message
from tlstudio.operations.split_book import SplitBook, ToPlace, class_name
from tlstudio.project.project import Project

_MUST_STAY = 0.5
"""Share of what chooses and what judges: where mending would leave less of either, the torn units are divided anew instead."""

Unit = Sequence[Sample]


def move_together(project: Project, sample_ids: Iterable[int]) -> Change:
    """Every unit that one of these images belongs to; undone with one key.

    What is partly in training goes there: a copy more does no harm, and the images that judge stay clean. Where units are as large as
    slides that would leave nothing to judge by; then each of them goes where its share of the division is missing.
    """
    dataset = project.dataset()
    wanted = set(sample_ids)
    torn = [unit for unit in dataset.units if are_apart(unit) and wanted & {sample.id for sample in unit}]
    placed = _to_training(torn)
    if _leaves_too_little(dataset, placed):
        placed = _divided_anew(dataset, torn)
    moving = {id: split for id, split in placed.items() if dataset.by_id[id].split is not split}
    given = {id: dataset.by_id[id].split_given for id in moving}
    change = project.apply(SetSplits(split_by_sample=dict(moving), given=given))
    return msgspec.structs.replace(change, words=_words(moving))


def _to_training(torn: Sequence[Unit]) -> dict[int, Split]:
    placed: dict[int, Split] = {}
    for unit in torn:
        side = Split.TRAIN if any(sample.split is Split.TRAIN for sample in unit) else Split.VAL
        placed.update((sample.id, side) for sample in unit if sample.class_id is not None)
    return placed


def _leaves_too_little(dataset: Dataset, placed: dict[int, Split]) -> bool:
    after = Counter(placed.get(sample.id, sample.split) for sample in dataset.ready if sample.class_id is not None)
    return any(after[split] < _MUST_STAY * dataset.num_by_split[split] for split in (Split.VAL, Split.TEST))


def _divided_anew(dataset: Dataset, torn: Sequence[Unit]) -> dict[int, Split]:
    """The torn units by the plan, as if they had just come; everything else stays where it is."""
    moving = [sample for unit in torn for sample in unit if sample.class_id is not None]
    ids = {sample.id for sample in moving}
    book = SplitBook.related(dataset, _plan(dataset))
    for sample in dataset.ready:
        if sample.split is not None and sample.id not in ids:
            book.note(sample.content_hash, class_name(dataset, sample), sample.split, group=sample.group)
    new = [ToPlace(content_hash=item.content_hash, class_name=class_name(dataset, item) or "", group=item.group) for item in moving]
    return dict(zip((sample.id for sample in moving), book.place(new), strict=True))


def _plan(dataset: Dataset) -> SplitPlan:
    """The project's own; where its data came divided, the shares of that division."""
    if not dataset.plan.given:
        return dataset.plan
    counts = dataset.num_by_split
    val, test = (round(counts[split] / counts.total(), 6) for split in (Split.VAL, Split.TEST))
    return SplitPlan(train=round(1 - val - test, 6), val=val, test=test, seed=dataset.plan.seed)


def _words(moving: dict[int, Split]) -> Message:
    number = len(moving)
    if set(moving.values()) == {Split.TRAIN}:
        one, many = message("fix.moved_one", "1 image moved to training"), "{number} images moved to training"
        return one if number == 1 else message("fix.moved", many, number=number)
    if number == 1:
        return message("fix.together_one", "1 image moved to where the others of its unit are")
    return message("fix.together", "{number} images moved, so that what belongs together lies together", number=number)
