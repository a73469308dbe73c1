"""What is known of a network before it trains: read in the background, once a network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlstudio.domain.abilities import Abilities
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.estimates import RunEstimate, SetSize
from tlstudio.domain.machine import MachineProfile, NetworkProfile
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.runs import Run


@dataclass(frozen=True, kw_only=True)
class Known:
    """One network on this computer with the data of the open project."""

    network: NetworkPart
    profile: NetworkProfile
    machine: MachineProfile
    sizes: SetSize | None
    """None where no image takes part in training yet."""
    abilities: Abilities
    """What this network allows."""
    expect: Callable[[Recipe], RunEstimate]
    """What a recipe with it will take, corrected by earlier runs as in Train; asked where there are `sizes`."""


def read(
    network: NetworkPart,
    dataset: Dataset | None,
    device: str,
    *,
    runs: Sequence[Run] = (),
    folder: Path | None = None,
    is_warm: bool = False,
) -> Known:
    """`runs` and `folder` are the project's; `is_warm`: a process waits for jobs.

    Raises `TLStudioError` where there is no such network or its weights are gone.
    """
    from tlstudio.operations import estimates
    from tlstudio.zoo import catalogue, transfer

    found = estimates.expected(network, dataset, runs, device=device, folder=folder, is_warm=is_warm)
    spec = catalogue.load().by_name[network.architecture]
    return Known(
        network=network,
        profile=found.profile,
        machine=found.here,
        sizes=found.sizes if found.sizes.num_train else None,
        abilities=transfer.abilities_of(spec),
        expect=found.of,
    )
