"""Dividing images into training, validation and test: whole units, nothing that is placed ever moves by itself."""

from collections.abc import Sequence

import msgspec

from tlstudio.domain.commands import Change, SetSplits
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import Message, message
from tlstudio.operations.split_book import SplitBook, ToPlace, class_name
from tlstudio.project.project import Project


def split(project: Project, plan: SplitPlan | None = None) -> Change:
    """Give every labelled image that has no split one. `plan` is stored where it is given; no placed image moves."""
    if plan is not None:
        _store(project, plan)
    dataset = project.dataset()
    return _place(project, dataset, [sample for sample in dataset.ready if sample.class_id is not None and sample.split is None])


def divided(project: Project) -> Dataset:
    """The data, images that were labelled since the last division included where they can be placed."""
    dataset = project.dataset()
    if project.writable and any(sample.split is None and sample.class_id is not None for sample in dataset.ready):
        split(project)
        dataset = project.dataset()
    return dataset


def places_with_class(dataset: Dataset, sample_ids: Sequence[int], class_id: str | None) -> dict[int, Split]:
    """Where those of `sample_ids` that have no split come to lie when they get this class; what cannot be read waits."""
    if class_id not in dataset.class_by_id:
        return {}
    samples = (dataset.by_id[id] for id in sample_ids if id in dataset.by_id)
    new = [msgspec.structs.replace(sample, class_id=class_id) for sample in samples if sample.split is None and sample.content_hash]
    return _placed_by(SplitBook.of(dataset), dataset, new) if new else {}


def split_labelled(project: Project, sample_ids: Sequence[int]) -> Change | None:
    """After reading again: those of `sample_ids` that have a class now but no split get one. None where there are none."""
    if all(sample.split is not None or sample.class_id is None for sample in project.samples(sample_ids)):
        return None
    dataset = project.dataset()
    wanted = [dataset.by_id[id] for id in sample_ids]
    return _place(project, dataset, [sample for sample in wanted if sample.class_id is not None and sample.split is None])


def split_again(project: Project, plan: SplitPlan, *, keep_test: bool = False) -> Change:
    """Divide anew by `plan`; undone with one key. See `division` for what stays."""
    placed = division(project.dataset(), plan, keep_test=keep_test)
    command = SetSplits(split_by_sample=dict(placed), given=dict.fromkeys(placed, False), plan=plan)
    return _said(project.apply(command), message("split.again", "{number} images divided anew", number=len(placed)))


def division(dataset: Dataset, plan: SplitPlan, *, keep_test: bool = False) -> dict[int, Split]:
    """Where dividing anew by `plan` would put each labelled image that may move; milliseconds for 1,000 images.

    Images put somewhere by hand stay there. A division that came with the data is given up, unless `plan.given`. With `keep_test` no image
    leaves the test set, and only one that belongs together with an image in it enters; the others are divided by the shares of training
    and validation to each other.
    """
    keeps_given = plan.given or not dataset.plan.given
    book = SplitBook.related(dataset, _without_test(plan) if keep_test else plan)
    moving: list[Sample] = []
    for sample in dataset.ready:
        is_kept = (sample.split_given and keeps_given) or (keep_test and sample.split is Split.TEST)
        if sample.split is not None and is_kept:
            book.note(sample.content_hash, class_name(dataset, sample), sample.split, group=sample.group)
        elif sample.class_id is not None:
            moving.append(sample)
    return _placed_by(book, dataset, moving)


def _without_test(plan: SplitPlan) -> SplitPlan:
    val = plan.val / (plan.train + plan.val) if plan.train + plan.val else 0.0
    return msgspec.structs.replace(plan, train=1 - val, val=val, test=0.0)


def _place(project: Project, dataset: Dataset, samples: list[Sample]) -> Change:
    if not samples:
        return Change(words=message("split.nothing", "Every labelled image has its split"))
    placed = _placed_by(SplitBook.of(dataset), dataset, samples)
    change = project.apply(SetSplits(split_by_sample=dict(placed)), undoable=False)
    return _said(change, message("split.done", "{number} images divided", number=len(placed)))


def _placed_by(book: SplitBook, dataset: Dataset, samples: list[Sample]) -> dict[int, Split]:
    splits = book.place(
        [ToPlace(content_hash=sample.content_hash, class_name=class_name(dataset, sample) or "", group=sample.group) for sample in samples]
    )
    return dict(zip((sample.id for sample in samples), splits, strict=True))


def _store(project: Project, plan: SplitPlan) -> None:
    settings = project.settings()
    if settings.split_plan != plan:
        project.set_settings(msgspec.structs.replace(settings, split_plan=plan))


def _said(change: Change, words: Message) -> Change:
    return msgspec.structs.replace(change, words=words)
