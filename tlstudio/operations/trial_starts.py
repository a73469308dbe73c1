"""What a trial of a sweep is given when its turn comes: the curves it is measured by, and with TPE the recipe itself.

Both are written into its order, so that the job decides alone, however it is watched or continued.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import msgspec

from tlstudio import files
from tlstudio.domain.jobs import JOB_FILE, RECIPE_FILE, TrainJob
from tlstudio.domain.pruning import Curve
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.domain.trials import SearchKind, Trial, combined
from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import read_job
from tlstudio.jobs.watcher import read_state
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.operations import tpe
from tlstudio.operations.runs import folder_of
from tlstudio.project.project import Project

log = logger(__name__)


class Entered(NamedTuple):
    """A run that is part of a sweep."""

    run: Run
    job: TrainJob
    trial: Trial


def entered(project: Project, sweep: int | None = None, *, only: Collection[int] | None = None) -> Iterator[Entered]:
    """The runs that are trials, of one sweep or of all, by their number; what cannot be read is left out."""
    wanted = [run for run in project.runs() if only is None or run.number in only]
    for run in sorted(wanted, key=lambda run: run.number):
        try:
            job = read_job(folder_of(project, run))
        except TLStudioError as error:
            log.info("run %d is not shown as a trial: %s", run.number, error)
            continue
        if isinstance(job, TrainJob) and job.trial is not None and sweep in (None, job.trial.sweep):
            yield Entered(run, job, job.trial)


def prepared(project: Project, run: Run) -> Run:
    """`run` as it is to start. Raises `TLStudioError` where its order cannot be written."""
    job = read_job(folder_of(project, run))
    if not isinstance(job, TrainJob) or job.trial is None:
        return run
    others = [item for item in entered(project, job.trial.sweep) if item.run.number != run.number]
    states = {item.run.number: read_state(folder_of(project, item.run)) for item in others}
    recipe = _recipe(run, job.trial, others, states)
    rivals = tuple(_rivals(recipe, others, states)) if job.trial.plan.prunes else ()
    trial = msgspec.structs.replace(job.trial, rivals=rivals)
    try:
        files.write_json(folder_of(project, run) / RECIPE_FILE, recipe)
        files.write_json(folder_of(project, run) / JOB_FILE, msgspec.structs.replace(job, trial=trial))
    except OSError as error:
        raise _not_written(run, error) from error
    return msgspec.structs.replace(run, recipe=recipe)


def curve_of(state: RunState) -> Curve:
    """Balanced accuracy on validation after each epoch of the fine-tuning."""
    return tuple(item.balanced_accuracy for item in state.validations if item.epoch > 0)


def _rivals(recipe: Recipe, others: list[Entered], states: dict[int, RunState]) -> Iterator[Curve]:
    """Those that came to their own end, over as many epochs: elsewhere another epoch means another learning rate."""
    for item in others:
        state = states[item.run.number]
        is_comparable = _num_epochs(item.run.recipe) == _num_epochs(recipe)
        if is_comparable and state.status is Status.FINISHED and state.pruned is None and (curve := curve_of(state)):
            yield curve


def _num_epochs(recipe: Recipe) -> int:
    return recipe.finetune.epochs if recipe.finetune is not None else 0


def _recipe(run: Run, trial: Trial, others: list[Entered], states: dict[int, RunState]) -> Recipe:
    """What TPE asks for next; the one drawn by chance where it is not installed any more, asks for none, or for one there was already."""
    if trial.plan.kind is not SearchKind.TPE or not tpe.is_installed():
        return run.recipe
    known = [(item.run.recipe, states[item.run.number].summary) for item in others]
    told = [(recipe, summary.balanced_accuracy) for recipe, summary in known if summary is not None]
    try:
        recipe, _applied = combined(run.recipe, tpe.suggest(trial.plan, told, number=trial.number))
    except ValueError as error:
        log.info("the recipe that was suggested for run %d is none: %s", run.number, error)
        return run.recipe
    return run.recipe if recipe in {other for other, _value in told} else recipe


def _not_written(run: Run, error: OSError) -> TLStudioError:
    return TLStudioError(
        message(
            "sweep.not_prepared", "Run {number} could not be prepared ({reason}).", number=run.number, reason=error.strerror or str(error)
        ),
        message("sweep.not_prepared.hint", "Free space or check the drive, then continue it; every other run is as it was."),
    )
