"""Dealing a project's training and validation images into folds: whole units, where they were dealt before, the test set untouched."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.folds import FoldPlan, FoldUnit, assign_folds
from tlstudio.domain.samples import Class, Sample
from tlstudio.domain.splits import Split


class Dealt(msgspec.Struct, frozen=True, kw_only=True):
    """What takes part in a cross-validation."""

    fold_by_sample: dict[int, int]
    """In the order of ids."""
    num_units: int
    in_one_fold: tuple[Class, ...] = ()
    """Classes that cannot be both learned and judged, because all their images are in one unit, or nearly so; they take no part."""


def deal(dataset: Dataset, plan: FoldPlan, before: Mapping[int, int]) -> Dealt:
    """Folds of the labelled images in training and validation. `before`: where the same plan dealt samples to earlier.

    A unit stays where most of its images were; so what arrives later moves nothing, unless it shows that two units are one.
    """
    units = [_unit(samples, before) for samples in _taking_part(dataset)]
    folds = assign_folds([unit for unit, _ in units], plan)
    fold_by_sample = {sample.id: folds[unit.key] for unit, samples in units for sample in samples}
    seen: dict[str, set[int]] = defaultdict(set)
    for id, fold in fold_by_sample.items():
        seen[dataset.by_id[id].class_id or ""].add(fold)
    lone = tuple(item for item in dataset.classes if len(seen[item.id]) == 1)
    lone_ids = {item.id for item in lone}
    kept = {id: fold for id, fold in sorted(fold_by_sample.items()) if dataset.by_id[id].class_id not in lone_ids}
    return Dealt(
        fold_by_sample=kept,
        num_units=sum(any(sample.id in kept for sample in samples) for _, samples in units),
        in_one_fold=lone,
    )


def _taking_part(dataset: Dataset) -> list[list[Sample]]:
    """The images by unit; what holds two of them together may itself be a test image."""
    unit_by_sample = {sample.id: number for number, unit in enumerate(dataset.units) for sample in unit}
    found: dict[int, list[Sample]] = defaultdict(list)
    for sample in dataset.ready:
        if sample.class_id is not None and sample.split in (Split.TRAIN, Split.VAL):
            found[unit_by_sample.get(sample.id, -sample.id)].append(sample)
    return list(found.values())


def _unit(samples: list[Sample], before: Mapping[int, int]) -> tuple[FoldUnit, list[Sample]]:
    known = Counter(before[sample.id] for sample in samples if sample.id in before)
    fold = min(known, key=lambda item: (-known[item], item)) if known else None
    classes = Counter(sample.class_id or "" for sample in samples)
    return FoldUnit(key=min(sample.content_hash for sample in samples), num_by_class=dict(classes), fold=fold), samples
