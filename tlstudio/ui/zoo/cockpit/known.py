"""What is known of a network before it trains: read in the background, once a network."""

from dataclasses import dataclass

from tlstudio.domain.abilities import Abilities
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.estimates import SetSize
from tlstudio.domain.machine import MachineProfile, NetworkProfile
from tlstudio.domain.recipe import NetworkPart


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


def read(network: NetworkPart, dataset: Dataset | None, device: str, *, is_warm: bool = False) -> Known:
    """`is_warm`: a process waits for jobs. Raises `TLStudioError` where there is no such network or its weights are gone."""
    from tlstudio.operations import estimates
    from tlstudio.zoo import catalogue, transfer

    machine = estimates.machine(device, is_warm=is_warm)
    profile = estimates.profile_of(network, machine)
    spec = catalogue.load().by_name[network.architecture]
    sizes = estimates.size_of(dataset) if dataset is not None else None
    return Known(
        network=network,
        profile=profile,
        machine=machine,
        sizes=sizes if sizes is not None and sizes.num_train else None,
        abilities=transfer.abilities_of(spec),
    )
