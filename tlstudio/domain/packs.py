"""Weight packs: sets of weights in one file that travels on a stick, and what is in one of them."""

from enum import StrEnum

import msgspec

from tlstudio.domain.networks import WeightsCard
from tlstudio.messages import Message

PACK_SUFFIX = ".tlweights"
PACK_VERSION = 1
PACK_MANIFEST = "pack.json"


class PackedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a set, at `sets/<hash of the set>/<name>` in the pack."""

    name: str
    size_bytes: int
    hash: str
    """blake3, hex."""


class PackedSet(msgspec.Struct, frozen=True, kw_only=True):
    """One set as the pack says of itself: what its own `card.json` says, and the proof of its files."""

    card: WeightsCard
    files: tuple[PackedFile, ...]

    def file(self, name: str) -> PackedFile | None:
        """The file of that name."""
        return next((file for file in self.files if file.name == name), None)


class PackManifest(msgspec.Struct, frozen=True, kw_only=True):
    """`pack.json`, the last entry of the zip."""

    version: int = PACK_VERSION
    app_version: str
    sets: tuple[PackedSet, ...]


class SetState(StrEnum):
    """How a set in a pack stands to this computer."""

    NEW = "new"
    HERE = "here"
    REFUSED = "refused"


class PackItem(msgspec.Struct, frozen=True, kw_only=True):
    """One set of a pack, before anything is installed."""

    card: WeightsCard
    state: SetState
    problem: Message | None = None
    """Why it is refused."""


class PackContents(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a pack, for a person to agree to."""

    file: str
    """Absolute path of the pack."""
    size_bytes: int
    items: tuple[PackItem, ...]

    @property
    def new(self) -> tuple[PackItem, ...]:
        """What can be installed."""
        return tuple(item for item in self.items if item.state is SetState.NEW)


class RefusedSet(msgspec.Struct, frozen=True, kw_only=True):
    """A set that was not installed, and why."""

    name: str
    title: Message
    hint: Message


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a pack; each set is here whole or not at all."""

    installed: tuple[WeightsCard, ...] = ()
    were_here: tuple[WeightsCard, ...] = ()
    refused: tuple[RefusedSet, ...] = ()
    was_stopped: bool = False
