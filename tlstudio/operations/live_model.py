"""The live model: what is asked of the warm worker after each change of a label, once a network has seen the images."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.recipe import Balance, NetworkPart
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import Root
from tlstudio.domain.serving import JudgeHead
from tlstudio.domain.splits import Split
from tlstudio.operations import readiness, runs
from tlstudio.operations.starting import environment_for, weights_of
from tlstudio.project.project import Project

MOST_IMAGES = 20_000
"""Above it an answer takes seconds, and its features half a gigabyte."""


@dataclass(frozen=True, kw_only=True)
class LiveSource:
    """What stays the same from label to label: the run whose network it is, and where things are here."""

    run: int
    roots: tuple[Root, ...]
    blank: JudgeHead
    """A request without images."""


def run_to_follow(found: Sequence[Run], network: NetworkPart) -> Run | None:
    """The newest run with a model that started from exactly this network; None before there is one."""
    return max((run for run in found if run.is_usable and run.recipe.network == network), key=lambda run: run.number, default=None)


def find_source(project: Project, run: Run, *, before: LiveSource | None = None) -> LiveSource:
    """`before` where it still holds, for it takes time: weights are proved. Raises `TLStudioError` where they are gone or damaged."""
    roots, intensity = project.dataset().roots, project.settings().intensity
    if before is not None and (before.run, before.roots, before.blank.manifest.intensity) == (run.number, roots, intensity):
        return before
    environment = environment_for(project, weights=weights_of(run.recipe.network), device=run.recipe.device)
    nothing = Manifest(classes=(), entries=(), intensity=intensity)
    blank = JudgeHead(run_folder=str(runs.folder_of(project, run)), environment=environment, manifest=nothing)
    return LiveSource(run=run.number, roots=roots, blank=blank)


def ask_for(source: LiveSource, dataset: Dataset, *, balance: Balance) -> JudgeHead:
    """The request for the labels of `dataset`; images of the test set stay out of it. Raises `TLStudioError` where they do not suffice."""
    readiness.require_trainable(dataset)
    manifest = readiness.build_manifest(dataset, intensity=source.blank.manifest.intensity)
    entries = tuple(entry for entry in manifest.entries if entry.split is not Split.TEST)
    return msgspec.structs.replace(source.blank, manifest=msgspec.structs.replace(manifest, entries=entries), balance=balance)
