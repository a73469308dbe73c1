"""Snapshots of a project's data, made off the UI thread with everything counted that panels will ask for."""

from typing import TYPE_CHECKING

from tlstudio.domain.dataset import Dataset

if TYPE_CHECKING:
    from tlstudio.project.project import Project


def load(project: "Project") -> Dataset:
    """The data set as it is now; a project reads again only what changed."""
    return counted(project.dataset())


def counted(dataset: Dataset) -> Dataset:
    """The same data set with its counts made, so that the UI thread never counts."""
    _ = (
        dataset.by_id,
        dataset.class_by_id,
        dataset.ready,
        dataset.set_aside,
        dataset.num_by_class,
        dataset.num_by_split,
        dataset.num_groups,
        dataset.num_moved,
    )
    return dataset
