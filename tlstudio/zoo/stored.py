"""The bytes of a set of weights as the library stores them: the file itself, or the network's tensors in it under timm's own names."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from blake3 import blake3

from tlstudio.zoo.header import LENGTH_BYTES, Header, Tensor, unreadable

_CHUNK_BYTES = 1 << 20
_ALIGNMENT = 8
"""The format pads its header with blanks to this, so that tensors can be mapped."""


def stored_chunks(file: Path, header: Header, *, prefix: str = "") -> Iterator[bytes]:
    """The bytes to store, piece by piece; with a `prefix` only the tensors under it, their names without it. Raises `OSError`."""
    with open(file, "rb") as source:
        if not prefix:
            while chunk := source.read(_CHUNK_BYTES):
                yield chunk
            return
        tensors = _under(header, prefix)
        yield _header_of(tensors, header.metadata)
        for tensor in tensors.values():
            start, end = tensor.data_offsets
            source.seek(header.data_start + start)
            for place in range(start, end, _CHUNK_BYTES):
                yield source.read(min(_CHUNK_BYTES, end - place))


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


def _under(header: Header, prefix: str) -> dict[str, Tensor]:
    """New name -> where the tensor lies in the file, in the file's order."""
    found = {name.removeprefix(prefix): tensor for name, tensor in header.tensors.items() if name.startswith(prefix)}
    return dict(sorted(found.items(), key=lambda item: item[1].data_offsets))


def _header_of(tensors: dict[str, Tensor], metadata: dict[str, str]) -> bytes:
    """A header under which the tensors lie one behind the other."""
    entries: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    reached = 0
    for name, tensor in tensors.items():
        start, end = tensor.data_offsets
        entries[name] = msgspec.structs.replace(tensor, data_offsets=(reached, reached + end - start))
        reached += end - start
    text = msgspec.json.encode(entries)
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text
