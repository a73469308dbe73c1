"""Dealing a project's training and validation images into folds: whole units, where they were dealt before, the test set untouched.

A cross-validation and a ranking judge by the same folds.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.folds import FoldPlan, FoldUnit, assign_folds
from tlstudio.domain.jobs import MANIFEST_FILE
from tlstudio.domain.manifest import Manifest, ManifestClass, manifest_hash
from tlstudio.domain.samples import Class, Sample
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.operations import looks, splitting
from tlstudio.operations.readiness import entry_of
from tlstudio.project.project import Project


class Dealt(msgspec.Struct, frozen=True, kw_only=True):
    """What takes part in a cross-validation."""

    fold_by_sample: dict[int, int]
    """In the order of ids."""
    num_units: int
    in_one_fold: tuple[Class, ...] = ()
    """Classes that cannot be both learned and judged, because all their images are in one unit, or nearly so; they take no part."""


class FoldOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a job that judges fold by fold is ordered with."""

    manifest: bytes
    hash: str
    num_units: int
    notes: tuple[Message, ...]
    """What a person should know of the classes that take no part."""


def order(project: Project, plan: FoldPlan) -> FoldOrder:
    """The images of training and validation in their folds; the test set takes no part.

    The folds are kept in the project where it can be written, so that later images are dealt beside those of today. Raises `TLStudioError`
    where there are too few images or classes, or the disk does not allow it.
    """
    splitting.divided(project)
    looks.look_at_missing(project, for_leaks=True)
    dataset = project.dataset()
    before = project.folds.of(plan)
    dealt = deal(dataset, plan, before)
    _require_enough(dealt, dataset, plan)
    if project.writable:
        project.folds.keep(plan, {**before, **dealt.fold_by_sample})
    data = _manifest_of(project, dataset, dealt).encode()
    return FoldOrder(manifest=data, hash=manifest_hash(data), num_units=dealt.num_units, notes=_left_out(dealt, dataset))


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


def _require_enough(dealt: Dealt, dataset: Dataset, plan: FoldPlan) -> None:
    """Raise `TLStudioError` where there are too few classes or images to judge each other."""
    classes = {dataset.by_id[id].class_id for id in dealt.fold_by_sample}
    if len(classes) < 2:
        raise TLStudioError(
            message("folds.few_classes", "Judging fold by fold needs two classes, each with images that do not all belong together."),
            message("folds.few_classes.hint", "Give more images of training and validation a class. The test set takes no part."),
        )
    num_folds = len(set(dealt.fold_by_sample.values()))
    if num_folds < plan.num_folds:
        raise TLStudioError(
            message(
                "folds.few_units",
                "{units} images or groups that do not belong together are too few for {folds} folds.",
                units=dealt.num_units,
                folds=plan.num_folds,
            ),
            message("folds.few_units.hint", "Take fewer folds, or add images. Copies and images of one group count as one."),
        )


def _manifest_of(project: Project, dataset: Dataset, dealt: Dealt) -> Manifest:
    """What takes part, each image with its fold."""
    present = {dataset.by_id[id].class_id for id in dealt.fold_by_sample}
    classes = sorted((item for item in dataset.classes if item.id in present), key=lambda item: item.position)
    index_by_id = {item.id: index for index, item in enumerate(classes)}
    samples = ((dataset.by_id[id], fold) for id, fold in dealt.fold_by_sample.items())
    return Manifest(
        classes=tuple(ManifestClass(index=index, id=item.id, name=item.name) for index, item in enumerate(classes)),
        entries=tuple(entry_of(sample, index_by_id[sample.class_id or ""], fold=fold) for sample, fold in samples),
        intensity=project.settings().intensity,
    )


def _left_out(dealt: Dealt, dataset: Dataset) -> tuple[Message, ...]:
    """What a person should know of the classes that take no part."""
    text = "Class {name} takes no part: all its {num} images belong together, so none could be judged by the others."
    return tuple(message("folds.class_left_out", text, name=item.name, num=dataset.num_by_class[item.id]) for item in dealt.in_one_fold)


def num_changed(project: Project, manifest: Manifest, plan: FoldPlan) -> int:
    """Images that would be judged otherwise today than in `manifest`: new ones, those gone, those with another class or content."""
    dataset = project.dataset()
    ids = {item.index: item.id for item in manifest.classes}
    then = {entry.sample: (ids.get(entry.label) if entry.label is not None else None, entry.content_hash) for entry in manifest.entries}
    taking_part = deal(dataset, plan, project.folds.of(plan)).fold_by_sample
    now = {id: (dataset.by_id[id].class_id, dataset.by_id[id].content_hash) for id in taking_part}
    return sum(then.get(id) != now.get(id) for id in then.keys() | now.keys())


def read_manifest(folder: Path) -> Manifest:
    """What was judged in a job's folder. Raises `TLStudioError`."""
    try:
        return Manifest.decode((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise TLStudioError(
            message("folds.unreadable", "What was judged in {folder} cannot be read.", folder=str(folder)),
            message("folds.unreadable.hint", "The file {file} is missing or damaged; start it anew.", file=MANIFEST_FILE),
            details=str(error),
        ) from error


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
