"""Cross-validation: what can be expected of a network with a new head on these images, without a look at the test set."""

import time
from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.jobs import MANIFEST_FILE, RECIPE_FILE, CrossValidateJob
from tlstudio.domain.manifest import Manifest, ManifestClass, manifest_hash
from tlstudio.domain.recipe import RECIPES, NetworkPart, decode_recipe
from tlstudio.domain.report import CrossValidationReport
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.warm import WarmWorker
from tlstudio.jobs.watcher import read_state
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.operations import looks, splitting
from tlstudio.operations.folding import Dealt, deal
from tlstudio.operations.readiness import entry_of
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
    splitting.divided(project)
    looks.look_at_missing(project, for_leaks=True)
    dataset = project.dataset()
    before = project.folds.of(plan)
    dealt = deal(dataset, plan, before)
    _require_enough(dealt, dataset, plan)
    if project.writable:
        project.folds.keep(plan, {**before, **dealt.fold_by_sample})
    data = _manifest(project, dataset, dealt).encode()
    recipe = msgspec.structs.replace(RECIPES["quick"].build(network), seed=plan.seed, device=device)
    job = CrossValidateJob(
        manifest_hash=manifest_hash(data),
        num_units=dealt.num_units,
        weights_name=card.name if card is not None else "",
        created_at=time.time(),
    )
    environment = environment_for(project, weights=card, device=device)
    folder = job_folders.claim(project.folder / layout.CROSS_VALIDATIONS)
    order = {RECIPE_FILE: files.encode_json(recipe), MANIFEST_FILE: data}
    job_folders.write_order(folder, job=job, environment=environment, more=order)
    return launch(folder, warm=warm, notes=_left_out(dealt, dataset))


def report_of(folder: Path, state: RunState) -> CrossValidationReport | None:
    """The figures of a cross-validation that has finished; None for another. Raises `TLStudioError` where its files cannot be read."""
    # Here, because numpy takes a moment to import and most commands need none of it.
    from tlstudio.evaluation import cross_validation

    job = job_folders.read_job(folder)
    if state.status is not Status.FINISHED or not isinstance(job, CrossValidateJob):
        return None
    names = tuple(item.name for item in _read_manifest(folder).classes)
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
                    num_changed=_num_changed(project, folder, FoldPlan(num_folds=len(report.folds), seed=recipe.seed)),
                )
        except (TLStudioError, OSError, msgspec.DecodeError) as error:
            log.info("the cross-validation in %s cannot be read: %s", folder, error)
    return None


def _num_changed(project: Project, folder: Path, plan: FoldPlan) -> int:
    manifest, dataset = _read_manifest(folder), project.dataset()
    ids = {item.index: item.id for item in manifest.classes}
    then = {entry.sample: (ids.get(entry.label) if entry.label is not None else None, entry.content_hash) for entry in manifest.entries}
    taking_part = deal(dataset, plan, project.folds.of(plan)).fold_by_sample
    now = {id: (dataset.by_id[id].class_id, dataset.by_id[id].content_hash) for id in taking_part}
    return sum(then.get(id) != now.get(id) for id in then.keys() | now.keys())


def _require_enough(dealt: Dealt, dataset: Dataset, plan: FoldPlan) -> None:
    classes = {dataset.by_id[id].class_id for id in dealt.fold_by_sample}
    if len(classes) < 2:
        raise TLStudioError(
            message("folds.few_classes", "A cross-validation needs two classes, each with images that do not all belong together."),
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


def _manifest(project: Project, dataset: Dataset, dealt: Dealt) -> Manifest:
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
    text = "Class {name} takes no part: all its {num} images belong together, so none could be judged by the others."
    return tuple(message("folds.class_left_out", text, name=item.name, num=dataset.num_by_class[item.id]) for item in dealt.in_one_fold)


def _read_manifest(folder: Path) -> Manifest:
    try:
        return Manifest.decode((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise TLStudioError(
            message("folds.unreadable", "What was judged in {folder} cannot be read.", folder=str(folder)),
            message("folds.unreadable.hint", "The file {file} is missing or damaged; start it anew.", file=MANIFEST_FILE),
            details=str(error),
        ) from error
