"""The same training with other seeds: what they reached together, and how far apart."""

import statistics

import msgspec

from tlstudio.domain.jobs import TrainJob
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import read_job
from tlstudio.operations.runs import folder_of
from tlstudio.project.project import Project


class Repeats(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one recipe on the same images that differ in their seed; shares are balanced accuracy on validation."""

    runs: tuple[int, ...]
    """Their numbers, in order; at least two."""
    mean: float
    deviation: float
    """The sample's standard deviation."""
    lowest: float
    highest: float


def repeats_of(project: Project, number: int) -> Repeats | None:
    """What a run reached together with those that differ from it in the seed alone; None where there are none."""
    usable = {run.number: run for run in project.runs() if run.is_usable}
    one = usable.get(number)
    if one is None:
        return None
    recipe = _without_seed(one.recipe)
    alike = [run for run in usable.values() if _without_seed(run.recipe) == recipe]
    if len(alike) < 2:
        return None
    images = _images(project, one)
    alike = [run for run in alike if images is not None and _images(project, run) == images]
    shares = {run.recipe.seed: run.summary.balanced_accuracy for run in alike if run.summary is not None}
    if len(shares) < 2:
        return None
    values = list(shares.values())
    return Repeats(
        runs=tuple(sorted(run.number for run in alike)),
        mean=statistics.fmean(values),
        deviation=statistics.stdev(values),
        lowest=min(values),
        highest=max(values),
    )


def _without_seed(recipe: Recipe) -> Recipe:
    return msgspec.structs.replace(recipe, seed=0)


def _images(project: Project, run: Run) -> str | None:
    """What it was trained on, by the hash of its manifest."""
    try:
        job = read_job(folder_of(project, run))
    except TLStudioError:
        return None
    return job.manifest_hash if isinstance(job, TrainJob) else None
