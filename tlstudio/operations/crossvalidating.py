"""Cross-validation: what can be expected of a network with a new head on these images, without a look at the test set."""

import time
from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.jobs import MANIFEST_FILE, RECIPE_FILE, CrossValidateJob
from tlstudio.domain.recipe import RECIPES, NetworkPart, decode_recipe
from tlstudio.domain.report import CrossValidationReport
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.warm import WarmWorker
from tlstudio.jobs.watcher import read_state
from tlstudio.log import logger
from tlstudio.operations import folding
from tlstudio.operations.folding import num_changed, read_manifest
from tlstudio.operations.starting import environment_for, require_network, require_own_version, weights_of
from tlstudio.project import layout
from tlstudio.project.project import Project

log = logger(__name__)


def start_cross_validation(
    project: Project, network: NetworkPart, plan: FoldPlan, *, device: str = "auto", warm: WarmWorker | None = None
) -> StartedJob:
    """Start judging the quick recipe fold by fold on the images of training and validation; the test set takes no part.

    The folds are kept in the project where it can be written, so that later images are dealt beside those of today. Works also where
    somebody else holds the project. Raises `TLStudioError` where there are too few images or classes, or the network, its weights or the
    disk do not allow it.
    """
    require_own_version(project)
    require_network(network)
    card = weights_of(network)
    dealt = folding.order(project, plan)
    recipe = msgspec.structs.replace(RECIPES["quick"].build(network), seed=plan.seed, device=device)
    job = CrossValidateJob(
        manifest_hash=dealt.hash,
        num_units=dealt.num_units,
        weights_name=card.name if card is not None else "",
        created_at=time.time(),
    )
    environment = environment_for(project, weights=card, device=device)
    folder = job_folders.claim(project.folder / layout.CROSS_VALIDATIONS)
    order = {RECIPE_FILE: files.encode_json(recipe), MANIFEST_FILE: dealt.manifest}
    job_folders.write_order(folder, job=job, environment=environment, more=order)
    return launch(folder, warm=warm, notes=dealt.notes)


def report_of(folder: Path, state: RunState) -> CrossValidationReport | None:
    """The figures of a cross-validation that has finished; None for another. Raises `TLStudioError` where its files cannot be read."""
    # Here, because numpy takes a moment to import and most commands need none of it.
    from tlstudio.evaluation import cross_validation

    job = job_folders.read_job(folder)
    if state.status is not Status.FINISHED or not isinstance(job, CrossValidateJob):
        return None
    names = tuple(item.name for item in read_manifest(folder).classes)
    return cross_validation.build(state.folds, class_names=names, num_units=job.num_units)


class CrossValidated(msgspec.Struct, frozen=True, kw_only=True):
    """One cross-validation that has finished."""

    number: int
    network: NetworkPart
    weights_name: str
    report: CrossValidationReport
    num_changed: int = 0
    """Images that would be judged otherwise today: new ones, those gone, and those with another class or other content."""


def latest(project: Project) -> CrossValidated | None:
    """The newest one that has finished; folders that cannot be read are passed over and logged."""
    parent = project.folder / layout.CROSS_VALIDATIONS
    for number in reversed(job_folders.numbers(parent)):
        folder = parent / f"{number:04d}"
        try:
            report = report_of(folder, read_state(folder))
            if report is not None:
                job = job_folders.read_job(folder)
                assert isinstance(job, CrossValidateJob)
                recipe = decode_recipe((folder / RECIPE_FILE).read_bytes())
                return CrossValidated(
                    number=number,
                    network=recipe.network,
                    weights_name=job.weights_name,
                    report=report,
                    num_changed=num_changed(project, read_manifest(folder), FoldPlan(num_folds=len(report.folds), seed=recipe.seed)),
                )
        except (TLStudioError, OSError, msgspec.DecodeError) as error:
            log.info("the cross-validation in %s cannot be read: %s", folder, error)
    return None
