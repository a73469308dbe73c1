"""What every job needs before it can start: where things are on this machine, and the weights it begins from."""

from collections.abc import Mapping
from pathlib import Path

from tlstudio import paths
from tlstudio.domain.abilities import refusals
from tlstudio.domain.jobs import Environment
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.messages import message
from tlstudio.operations import preferences
from tlstudio.processor import job_threads
from tlstudio.project.project import Project, read_only_error
from tlstudio.zoo import catalogue, transfer
from tlstudio.zoo.library import Library

CSV_OUTPUT = "csv"
EXPORT_OUTPUT = "file"
SOURCE_ROOT = "source"


def environment_for(
    project: Project,
    *,
    roots: Mapping[str, Path] | None = None,
    outputs: Mapping[str, Path] | None = None,
    weights: WeightsCard | None = None,
    device: str = "auto",
    processes: int = 1,
) -> Environment:
    """Where things are here, for one attempt of a job; `roots` come on top of the project's own.

    `weights` are what a training starts from; a run that is done holds its whole model itself.
    Raises `TLStudioError` where their file is damaged.
    """
    places = {str(root.id): root.path for root in project.dataset().roots}
    places.update({key: str(path) for key, path in (roots or {}).items()})
    good_neighbour = preferences.load().good_neighbour
    return Environment(
        roots=places,
        outputs={key: str(path) for key, path in (outputs or {}).items()},
        weights_file=str(Library().file_of(weights.hash)) if weights is not None else None,
        project_folder=str(project.folder),
        cache_folder=str(paths.cache_dir()),
        device=device,
        threads=job_threads(good_neighbour=True) if good_neighbour else None,
        good_neighbour=good_neighbour,
        processes=processes,
        versions=job_folders.versions(),
    )


def renew_environment(project: Project, run: Run, *, device: str | None = None, processes: int | None = None) -> Environment:
    """Write where things are now into the order of a run that is to start or go on, on this device and in so many processes.

    None is what it was ordered with. Raises `TLStudioError` where its weights are gone or the order cannot be written.
    """
    folder = project.folder / run.folder_name
    environment = environment_for(
        project,
        weights=weights_of(run.recipe.network),
        device=device or run.recipe.device,
        processes=job_folders.processes_of(folder) if processes is None else processes,
    )
    job_folders.rewrite_environment(folder, environment)
    return environment


def require_own_version(project: Project) -> None:
    """Raise `TLStudioError` for a project of a newer version: it is read only even for jobs, its folders may mean something else there."""
    if project.read_only_reason is not None and project.read_only_reason.id == "project.read_only.newer":
        raise read_only_error(project)


def require_network(network: NetworkPart) -> None:
    """Raise `TLStudioError` where there is no such network."""
    name = network.architecture
    if name not in catalogue.load().by_name:
        raise TLStudioError(
            message("train.unknown_network", "There is no network called {name}.", name=name),
            message("train.unknown_network.hint", "Names are those of timm, such as resnet18; Models lists them all."),
        )


def require_allowed(recipe: Recipe) -> None:
    """Raise `TLStudioError` where the recipe asks for adapters where its network has no attention; a way of pooling is tried by the job."""
    spec = catalogue.load().by_name[recipe.network.architecture]
    for problem in refusals(recipe, transfer.abilities_of(spec)).values():
        raise problem


def weights_of(network: NetworkPart) -> WeightsCard | None:
    """The card of the weights a recipe names; None for random ones.

    Raises `TLStudioError` where they are not on this machine, or are those of another architecture.
    """
    if network.weights is None:
        return None
    card = Library().card(network.weights)
    if card.architecture != network.architecture:
        raise TLStudioError(
            message(
                "weights.other_network",
                "{weights} are weights of {own}, not of {network}.",
                weights=card.name,
                own=card.architecture,
                network=network.architecture,
            ),
            message("weights.other_network.hint", "Choose {own} as the network, or other weights.", own=card.architecture),
        )
    return card
