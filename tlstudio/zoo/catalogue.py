"""The catalogue: every architecture that timm offers, torchvision's own, and the sets of weights that are published for it."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache
from operator import attrgetter
from pathlib import Path

import msgspec

from tlstudio import paths
from tlstudio.domain.networks import NetworkSpec, PretrainedSpec
from tlstudio.errors import BugError
from tlstudio.zoo.licences import allows_commercial

NETWORKS_FILE = "networks.jsonl"
TENSORS_FILE = "tensors.txt.xz"
TORCHVISION_FILE = "torchvision.jsonl"
TORCHVISION_TENSORS_FILE = "torchvision_tensors.txt.xz"
FILES_FILE = "files.jsonl"

_SEPARATORS = re.compile(r"[^a-z0-9]+")


class Catalogue:
    """All architectures, in the order of their names. Immutable."""

    def __init__(self, networks: tuple[NetworkSpec, ...], *, folder: Path) -> None:
        self.networks = networks
        self.folder = folder
        """Where the tables are that only some questions need, such as the names of all tensors."""

    @cached_property
    def by_name(self) -> Mapping[str, NetworkSpec]:
        """Architectures by name: timm's, or torchvision's with "torchvision/" before it."""
        return {network.name: network for network in self.networks}

    @cached_property
    def families(self) -> tuple[str, ...]:
        """All families, in the order of the alphabet."""
        return tuple(sorted({network.family for network in self.networks}, key=str.casefold))

    @cached_property
    def by_fingerprint(self) -> Mapping[tuple[tuple[str, ...], str], tuple[NetworkSpec, ...]]:
        """Architectures by classifier prefixes and fingerprint; several share one, such as DeiT and plain ViT of a size."""
        found: dict[tuple[tuple[str, ...], str], list[NetworkSpec]] = defaultdict(list)
        for network in self.networks:
            found[network.classifiers, network.fingerprint].append(network)
        return {key: tuple(items) for key, items in found.items()}

    @property
    def num_pretrained(self) -> int:
        """How many sets of weights are published for them."""
        return sum(len(network.pretrained) for network in self.networks)

    def search(
        self,
        text: str = "",
        *,
        family: str | None = None,
        max_parameters: int | None = None,
        licence_commercial: bool = False,
        ready: Collection[str] | None = None,
    ) -> tuple[NetworkSpec, ...]:
        """The architectures that meet every condition, in the order of their names.

        `text`: each of its words must occur in the name, the family or a tag ("vit tiny", "ResNet-50 a1").
        `licence_commercial`: at least one published set of weights allows commercial use without conditions.
        `ready`: names of the architectures whose weights are on this machine; None does not ask for that.
        """
        words = _SEPARATORS.sub(" ", text.casefold()).split()
        return tuple(
            network
            for network, haystack in zip(self.networks, self._haystacks, strict=True)
            if (family is None or network.family == family)
            and (max_parameters is None or network.num_parameters <= max_parameters)
            and (ready is None or network.name in ready)
            and all(word in haystack for word in words)
            and (not licence_commercial or any(allows_commercial(item.licence) for item in network.pretrained))
        )

    @cached_property
    def _haystacks(self) -> tuple[str, ...]:
        return tuple(_haystack(network) for network in self.networks)


def _haystack(network: NetworkSpec) -> str:
    """What the words of a search are looked for in: once with the separators as blanks, once without them."""
    text = " ".join((network.name, network.family, *(item.tag for item in network.pretrained))).casefold()
    spaced = _SEPARATORS.sub(" ", text)
    return f"{spaced}|{spaced.replace(' ', '')}"


def published(network: NetworkSpec, tag: str) -> PretrainedSpec | None:
    """The published set of that tag; None where there is none."""
    return next((item for item in network.pretrained if item.tag == tag), None)


def load(folder: Path | None = None) -> Catalogue:
    """The shipped catalogue, read once a process. Raises `BugError` where the installation is damaged."""
    return _load(folder or paths.resources() / "catalogue")


@lru_cache(maxsize=4)
def _load(folder: Path) -> Catalogue:
    try:
        networks = read_networks(folder / NETWORKS_FILE) + read_networks(folder / TORCHVISION_FILE)
    except (OSError, msgspec.DecodeError) as error:
        raise BugError(f"the catalogue of networks cannot be read: {error}") from error
    return Catalogue(tuple(sorted(networks, key=attrgetter("name"))), folder=folder)


def read_networks(file: Path) -> list[NetworkSpec]:
    """One table of networks. Raises `OSError` and `msgspec.DecodeError`."""
    return msgspec.json.Decoder(NetworkSpec).decode_lines(file.read_bytes())
