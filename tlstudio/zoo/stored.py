"""The bytes of a set of weights as the library stores them: the file itself, or the same tensors under timm's own names."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from blake3 import blake3

from tlstudio.zoo.header import LENGTH_BYTES, Header, unreadable

_CHUNK_BYTES = 1 << 20
_ALIGNMENT = 8
"""The format pads its header with blanks to this, so that tensors can be mapped."""


def stored_chunks(file: Path, header: Header, *, prefix: str = "") -> Iterator[bytes]:
    """The bytes to store, piece by piece; with a `prefix` the header is written anew without it. Raises `OSError`."""
    with open(file, "rb") as source:
        if prefix:
            yield _renamed(header, prefix)
            source.seek(header.data_start)
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk


def hash_stored(file: Path, header: Header, *, prefix: str = "") -> str:
    """blake3 of the bytes to store, hex. Raises `TLStudioError` where the file cannot be read."""
    digest = blake3()
    try:
        for chunk in stored_chunks(file, header, prefix=prefix):
            digest.update(chunk)
    except OSError as error:
        raise unreadable(file, error) from error
    return digest.hexdigest()


def hash_file(file: Path) -> str:
    """blake3 of a file as it is, hex. Raises `OSError`."""
    digest = blake3()
    with open(file, "rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _renamed(header: Header, prefix: str) -> bytes:
    """A header without the prefix; the tensors stay where they are."""
    entries: dict[str, object] = {"__metadata__": header.metadata} if header.metadata else {}
    entries.update({name.removeprefix(prefix): tensor for name, tensor in header.tensors.items()})
    text = msgspec.json.encode(entries)
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text
