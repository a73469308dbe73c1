"""The same training with other seeds: what they reached together, and how far apart."""

import statistics

import msgspec

from tlstudio.domain.jobs import TrainJob
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import read_job
from tlstudio.jobs.watcher import read_state
from tlstudio.operations.runs import folder_of
from tlstudio.project.project import Project


class Repeats(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one recipe on the same images, one for each seed; shares are balanced accuracy on validation."""

    runs: tuple[int, ...]
    """Their numbers, in order; at least two, and as many as there are seeds."""
    mean: float
    deviation: float
    """The sample's standard deviation."""
    lowest: float
    highest: float


def repeats_of(project: Project, number: int) -> Repeats | None:
    """What a run reached together with those that differ from it in the seed alone; None where there are none.

    Only runs that came to their end by themselves count; of several with one seed, which say the same twice, one does.
    """
    ended = {run.number: run for run in project.runs() if run.status is Status.FINISHED and run.summary is not None}
    one = ended.get(number)
    if one is None:
        return None
    recipe = _without_seed(one.recipe)
    alike = [run for run in ended.values() if _without_seed(run.recipe) == recipe]
    if len({run.recipe.seed for run in alike}) < 2 or (images := images_of(project, one)) is None:
        return None
    alike = [run for run in alike if images_of(project, run) == images and not _is_pruned(project, run)]
    if one not in alike:
        return None
    by_seed = {run.recipe.seed: run for run in (*alike, one)}
    if len(by_seed) < 2:
        return None
    values = [run.summary.balanced_accuracy for run in by_seed.values() if run.summary is not None]
    return Repeats(
        runs=tuple(sorted(run.number for run in by_seed.values())),
        mean=statistics.fmean(values),
        deviation=statistics.stdev(values),
        lowest=min(values),
        highest=max(values),
    )


def _without_seed(recipe: Recipe) -> Recipe:
    return msgspec.structs.replace(recipe, seed=0)


def _is_pruned(project: Project, run: Run) -> bool:
    """Whether it was ended early as a trial of a sweep that stayed behind others."""
    return read_state(folder_of(project, run)).pruned is not None


def images_of(project: Project, run: Run) -> str | None:
    """What it was trained on, by the hash of its manifest."""
    try:
        job = read_job(folder_of(project, run))
    except TLStudioError:
        return None
    return job.manifest_hash if isinstance(job, TrainJob) else None
