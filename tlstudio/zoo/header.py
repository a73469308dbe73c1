"""Reads the header of a safetensors file and believes nothing in it that does not add up."""

import math
from pathlib import Path

import msgspec

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.shown import shown
from tlstudio.zoo.sniff import refuse_foreign

LENGTH_BYTES = 8
MAX_HEADER_BYTES = 100_000_000
"""The format's own limit."""
MAX_TENSORS = 100_000
_MAX_RANK = 12

BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
"""Element sizes of the types that the format knows, whether or not numpy can read them."""


class Tensor(msgspec.Struct, frozen=True):
    """One tensor as the header declares it; `data_offsets` are bytes from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A header that was checked: every tensor lies inside the file and none overlaps another."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    data_start: int
    """Byte of the file where the tensors begin."""

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Tensor name -> shape."""
        return {name: tensor.shape for name, tensor in self.tensors.items()}


def read_header(path: Path) -> Header:
    """The checked header of `path`; reads nothing behind it. Raises `TLStudioError` for anything that is not whole safetensors."""
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            head = file.read(LENGTH_BYTES)
            refuse_foreign(path)
            length = int.from_bytes(head, "little")
            if length > MAX_HEADER_BYTES:
                raise _unsound(
                    message(
                        "weights.header.length",
                        "{file} is not a sound safetensors file: it claims a header of {bytes} bytes.",
                        file=shown(path),
                        bytes=length,
                    )
                )
            raw = file.read(length)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(head) < LENGTH_BYTES or len(raw) < length:
        raise _cut_short(path, missing=LENGTH_BYTES + length - size)
    header = _parse(path, raw, data_start=LENGTH_BYTES + length)
    _check_layout(path, header, num_bytes=size - header.data_start)
    return header


def _parse(path: Path, raw: bytes, *, data_start: int) -> Header:
    try:
        entries = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(entries.pop("__metadata__", b"{}"), type=dict[str, str])
        tensors = {name: msgspec.json.decode(entry, type=Tensor) for name, entry in entries.items()}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unsound(
            message(
                "weights.header.json",
                "{file} is not a sound safetensors file: its header cannot be read ({reason}).",
                file=shown(path),
                reason=str(error),
            )
        ) from error
    if len(tensors) > MAX_TENSORS:
        raise _unsound(
            message(
                "weights.header.many",
                "{file} is not a sound safetensors file: it claims {num} tensors.",
                file=shown(path),
                num=len(tensors),
            )
        )
    if not tensors:
        raise TLStudioError(
            message("weights.header.none", "{file} holds no tensors.", file=shown(path)),
            message("weights.header.none.hint", "Nothing was imported. Get the file again from where it was made."),
        )
    return Header(tensors=tensors, metadata=metadata, data_start=data_start)


def _check_layout(path: Path, header: Header, *, num_bytes: int) -> None:
    """Tensors must tile the data without gaps or overlaps, each as long as its type and shape say."""
    reached = 0
    for name, tensor in sorted(header.tensors.items(), key=lambda item: item[1].data_offsets):
        start, end = tensor.data_offsets
        if tensor.dtype not in BITS:
            raise _unsound(
                message(
                    "weights.header.dtype",
                    "{file} is not a sound safetensors file: the type {dtype} of {name} is not known.",
                    file=shown(path),
                    dtype=tensor.dtype,
                    name=name,
                )
            )
        if len(tensor.shape) > _MAX_RANK or min(tensor.shape, default=0) < 0:
            raise _unsound(
                message(
                    "weights.header.shape",
                    "{file} is not a sound safetensors file: the shape of {name} makes no sense.",
                    file=shown(path),
                    name=name,
                )
            )
        if start != reached or (end - start) * 8 != math.prod(tensor.shape) * BITS[tensor.dtype]:
            raise _unsound(
                message(
                    "weights.header.offsets",
                    "{file} is not a sound safetensors file: {name} is not where it claims to be, or overlaps another tensor.",
                    file=shown(path),
                    name=name,
                )
            )
        reached = end
    if reached > num_bytes:
        raise _cut_short(path, missing=reached - num_bytes)
    if reached < num_bytes:
        raise _unsound(
            message(
                "weights.header.behind",
                "{file} is not a sound safetensors file: {num} bytes behind the last tensor belong to nothing.",
                file=shown(path),
                num=num_bytes - reached,
            )
        )


def unreadable(path: Path, error: OSError) -> TLStudioError:
    """The operating system did not let us read `path`."""
    return TLStudioError(
        message("weights.unreadable", "{file} cannot be read ({reason}).", file=shown(path), reason=error.strerror or str(error)),
        message("weights.unreadable.hint", "Nothing was imported. Check that the file is there and that you may read it."),
    )


def _unsound(title: Message) -> TLStudioError:
    hint = "Nothing was imported. Get the file again from where it was made; do not use this copy."
    return TLStudioError(title, message("weights.header.hint", hint))


def _cut_short(path: Path, *, missing: int) -> TLStudioError:
    return TLStudioError(
        message("weights.cut_short", "{file} is cut short: {num} bytes are missing at its end.", file=shown(path), num=f"{missing:,}"),
        message("weights.cut_short.hint", "Nothing was imported. Copy or download the file again and compare its size."),
    )
