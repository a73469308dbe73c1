"""What a data set is made of: roots, samples and classes."""

from enum import StrEnum

import msgspec

from tlstudio.domain.regions import Region
from tlstudio.domain.splits import Split
from tlstudio.messages import Message


class SampleState(StrEnum):
    """Whether a sample takes part."""

    READY = "ready"
    SET_ASIDE = "set_aside"


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """A place on this machine that samples are relative to. The only absolute path that is ever stored."""

    id: int
    path: str
    copied: bool = False


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """A class of the project. The id is a UUID and never reused; the name may change."""

    id: str
    name: str
    position: int
    """Order of creation, from 0: gives the colour and, for the first nine, the key 1-9."""


class Sample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One image of the project, as the window and the jobs see it.

    It holds no containers that could lead back to it, so the garbage collector need not walk a hundred thousand of them.
    """

    id: int
    root: int
    path: str
    """Relative to the root, with forward slashes."""
    content_hash: str
    """blake3 of the file's bytes, hex; empty for a file that could not be read at all."""
    width_px: int
    height_px: int
    format: str
    state: SampleState
    class_id: str | None
    split: Split | None
    split_given: bool = False
    """True where the split came with the data (train/val/test folders) or was set by a person."""
    group: str | None = None
    reason: Message | None = None
    """Why it was set aside."""
    note: str = ""

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.rsplit("/", 1)[-1]


class NewSample(msgspec.Struct, frozen=True, kw_only=True):
    """One file found by an import, looked at by the decoder process, not yet in the database."""

    path: str
    """Relative to its root, with forward slashes."""
    content_hash: str = ""
    width_px: int = 0
    height_px: int = 0
    format: str = ""
    class_name: str | None = None
    split: Split | None = None
    group: str | None = None
    note: str = ""
    regions: tuple[Region, ...] | None = None
    """What is seen in it, which takes the place of what earlier imports said; None where nothing is said."""
    taken_at: float | None = None
    """When a camera took it, in seconds on its own clock; None where the file does not say."""
    reason: Message | None = None
    """Why it is set aside from the start."""
