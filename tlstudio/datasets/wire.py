"""What goes over the decoder's pipes: 4 bytes of length (little-endian), then msgpack."""

import os
import struct
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

_LENGTH = struct.Struct("<I")
_MAX_FRAME_BYTES = 256 * 2**20
"""The crops of one large image at most; everything else is far smaller."""


def encode(value: object) -> bytes:
    """Paths travel as the bytes the system knows them by."""
    return msgspec.msgpack.encode(value, enc_hook=_path_to_bytes)


def decode(data: bytes, type: type[T]) -> T:
    """The reverse of `encode`. Raises `ValueError` (msgspec's) where the data is of another kind."""
    return msgspec.msgpack.decode(data, type=type, dec_hook=_bytes_to_path)


def write_frame(descriptor: int, data: bytes) -> None:
    """Raises `OSError` (a broken pipe) where the other side is gone."""
    view = memoryview(_LENGTH.pack(len(data)) + data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int) -> bytes | None:
    """The next message; None at the end of the pipe, a torn message included. Raises `ValueError` for one too long."""
    head = _read_exactly(descriptor, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {length} bytes")
    return _read_exactly(descriptor, length)


def _read_exactly(descriptor: int, number: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < number:
        part = os.read(descriptor, min(number - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _path_to_bytes(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"{type(value).__name__} does not travel")


def _bytes_to_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, bytes):
        return Path(os.fsdecode(value))
    raise NotImplementedError(f"{kind.__name__} does not travel")
