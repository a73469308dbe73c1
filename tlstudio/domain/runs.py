"""A run as the run table lists it."""

import math

import msgspec

from tlstudio.domain.events import Pruned, Summary
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import Status


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what was asked for and what came of it. The journal in its folder is the truth behind it."""

    number: int
    recipe: Recipe
    weights_name: str
    """What people call the weights it started from; empty for random weights."""
    created_at: float
    """Seconds since the epoch."""
    status: Status
    summary: Summary | None = None
    num_classes: int = 0
    override: str = ""
    """A reason the user gave for training in spite of a warning; part of the run's passport."""
    judged_on: str | None = None
    """Hash of its validation images with their labels, see `domain.manifest`; empty where untold, None before it was looked up."""
    ended_early: bool = False
    """Stopped by itself because validation no longer improved, or was `pruned`."""
    pruned: Pruned | None = None

    @property
    def folder_name(self) -> str:
        """Relative to the project."""
        return f"runs/{self.number:04d}"

    @property
    def is_usable(self) -> bool:
        """Whether it left a model that can predict."""
        return self.summary is not None and self.status in (Status.FINISHED, Status.STOPPED)


def is_judged_alike(one: Run, other: Run) -> bool:
    """Whether the figures of two runs are of the same validation images with the same labels, so that they can be compared."""
    return (one.judged_on or "") == (other.judged_on or "")


def newest_usable(runs: list[Run]) -> Run | None:
    """The newest run that left a model: what was judged otherwise than it is not to be compared with what a person does now."""
    return max((run for run in runs if run.is_usable), key=lambda run: run.number, default=None)


def best_run(runs: list[Run]) -> Run | None:
    """The usable run with the highest balanced accuracy on validation; of equal ones that with the lower loss there, then the earlier.

    Among those that were judged on the same images as the newest usable one: figures of other images say nothing of which is better.
    """
    newest = newest_usable(runs)
    alike = (run for run in runs if newest is not None and run.is_usable and is_judged_alike(run, newest))
    return min(alike, key=_rank, default=None)


def _rank(run: Run) -> tuple[float, float, int]:
    summary = run.summary
    loss = summary.loss if summary is not None and summary.loss is not None else math.inf
    return (-summary.balanced_accuracy if summary is not None else 0.0, loss, run.number)
