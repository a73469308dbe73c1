"""The weights library as a whole: where it is, how much it takes, and what in it is damaged."""

import msgspec

from tlstudio.messages import Message


class DamagedSet(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the library that is no set that could be used."""

    folder: str
    """Its folder in the library, to remove it by; empty for the starter, which is part of the installation."""
    problem: Message


class LibraryState(msgspec.Struct, frozen=True, kw_only=True):
    """What people are told of the library."""

    folder: str
    num_sets: int
    """Imported ones, the damaged left out; the starter lies with the program."""
    size_bytes: int
    """Of everything in the folder."""
    damaged: tuple[DamagedSet, ...] = ()
