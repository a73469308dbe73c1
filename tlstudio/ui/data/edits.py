"""The panel's edits as functions over a project, run in the background: one intent, one step of undo."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tlstudio.domain.commands import Change
from tlstudio.domain.findings import Finding
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.operations import edits, grouping, health, splitting
from tlstudio.project.project import Project

Edit = Callable[[Project], Change]


def label(ids: Sequence[int], class_id: str | None) -> Edit:
    """Give images a class; those that had none before get their part of the division with it."""
    return lambda project: edits.set_class(project, ids, class_id)


def to_split(ids: Sequence[int], split: Split) -> Edit:
    """Put images into a part by hand."""
    return lambda project: edits.set_split(project, ids, split)


def aside(ids: Sequence[int]) -> Edit:
    """Keep images out."""
    return lambda project: edits.set_aside(project, ids)


def back(ids: Sequence[int]) -> Edit:
    """Let images take part again."""
    return lambda project: edits.take_back(project, ids)


def note(ids: Sequence[int], text: str) -> Edit:
    """Write a note on images."""
    return lambda project: edits.set_note(project, ids, text)


def add_class(name: str) -> Edit:
    """A new class."""
    return lambda project: edits.add_class(project, name)[1]


def rename_class(class_id: str, name: str) -> Edit:
    """Another name for a class."""
    return lambda project: edits.rename_class(project, class_id, name)


def remove_class(class_id: str) -> Edit:
    """Take away a class without images."""
    return lambda project: edits.remove_class(project, class_id)


def merge_classes(class_id: str, into: str) -> Edit:
    """All images of a class get another."""
    return lambda project: edits.merge_classes(project, class_id, into=into)


def divide_again(plan: SplitPlan, *, keep_test: bool) -> Edit:
    """Divide the images anew."""
    return lambda project: splitting.split_again(project, plan, keep_test=keep_test)


def mend(finding: Finding) -> Edit:
    """What a finding's button does."""
    return lambda project: health.fix(project, finding)


def decline(finding: Finding) -> Edit:
    """What a finding proposes is not so."""
    return lambda project: grouping.decline(project, finding.fix)


def file_of(project: Project, id: int) -> Path | None:
    """Where an image lies on this machine."""
    dataset = project.dataset()
    sample = dataset.by_id.get(id)
    return None if sample is None else dataset.file_of(sample)
