"""What every job needs before it can start: where things are on this machine, and the weights it begins from."""

from collections.abc import Mapping
from pathlib import Path

from tlstudio import paths
from tlstudio.domain.jobs import Environment
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.messages import message
from tlstudio.project.project import Project
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
) -> Environment:
    """Where things are here, for one attempt of a job; `roots` come on top of the project's own.

    `weights` are what a training starts from; a run that is done holds its whole model itself.
    Raises `TLStudioError` where their file is damaged.
    """
    places = {str(root.id): root.path for root in project.dataset().roots}
    places.update({key: str(path) for key, path in (roots or {}).items()})
    return Environment(
        roots=places,
        outputs={key: str(path) for key, path in (outputs or {}).items()},
        weights_file=str(Library().file_of(weights.hash)) if weights is not None else None,
        project_folder=str(project.folder),
        cache_folder=str(paths.cache_dir()),
        device=device,
        versions=job_folders.versions(),
    )


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
