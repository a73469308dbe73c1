"""Finding a learning rate: the recipe's fine-tuning with rates that rise; beside all projects, in the cache folder, and thrown away."""

from tlstudio import files
from tlstudio.domain.jobs import MANIFEST_FILE, RECIPE_FILE, FindRateJob
from tlstudio.domain.manifest import manifest_hash
from tlstudio.domain.rate_finder import NUM_STEPS
from tlstudio.domain.recipe import Recipe
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.warm import WarmWorker
from tlstudio.messages import message
from tlstudio.operations import estimates, passing_jobs, readiness, splitting
from tlstudio.operations.starting import environment_for, require_allowed, require_network, require_own_version, weights_of
from tlstudio.project.project import Project

_FOLDER = "rates"


def start_finding(project: Project, recipe: Recipe, *, warm: WarmWorker | None = None) -> StartedJob:
    """Start trying learning rates on `recipe`; works also where somebody else holds the project, of which nothing is changed.

    Raises `TLStudioError` where only a head is solved, or the data, the network, its weights, the memory or the disk do not allow it.
    """
    require_own_version(project)
    _require_steps(recipe)
    require_network(recipe.network)
    require_allowed(recipe)
    card = weights_of(recipe.network)
    dataset = splitting.divided(project)
    readiness.require_trainable(dataset)
    estimates.require_memory(estimates.estimate(recipe, dataset), recipe)
    data = readiness.build_manifest(dataset, intensity=project.settings().intensity).encode()
    environment = environment_for(project, weights=card, device=recipe.device)
    parent = passing_jobs.parent(_FOLDER, refusal=message("find_rate.no_folder", "Learning rates could not be tried."))
    folder = job_folders.claim(parent)
    order = {RECIPE_FILE: files.encode_json(recipe), MANIFEST_FILE: data}
    job = FindRateJob(manifest_hash=manifest_hash(data), num_steps=NUM_STEPS)
    job_folders.write_order(folder, job=job, environment=environment, more=order)
    return launch(folder, warm=warm, notes=readiness.left_out(dataset))


def _require_steps(recipe: Recipe) -> None:
    if recipe.finetune is None:
        raise TLStudioError(
            message("find_rate.no_steps", "Only the new head learns, and it is solved: there is no learning rate to find."),
            message("find_rate.no_steps.hint", "Choose Balanced, Thorough or Custom. Nothing was started."),
        )
