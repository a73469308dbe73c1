"""Looks for values that are not finite in a file of weights, in every number type, without converting a tensor."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.zoo.header import Header, Tensor, unreadable
from tlstudio.zoo.shown import shown

_CHUNK_BYTES = 1 << 20

_EXPONENTS: dict[str, tuple[str, int]] = {
    "F16": ("<u2", 0x7C00),
    "BF16": ("<u2", 0x7F80),
    "F32": ("<u4", 0x7F800000),
    "F64": ("<u8", 0x7FF0000000000000),
    "F8_E5M2": ("u1", 0x7C),
}
"""Type -> unsigned integers of its width, and the bits of the exponent: all set means infinite or not a number."""

_NAN_PATTERNS: dict[str, tuple[int, ...]] = {
    "F8_E4M3": (0x7F, 0xFF),
    "F8_E4M3FNUZ": (0x80,),
    "F8_E5M2FNUZ": (0x80,),
    "F8_E8M0": (0xFF,),
}
"""Eight-bit types without infinities: their few patterns that are not numbers."""


def refuse_not_finite(file: Path, header: Header) -> None:
    """Raise `TLStudioError` where a tensor holds a value that is infinite or not a number."""
    try:
        bad = [name for name, tensor in header.tensors.items() if not _is_finite(file, header, tensor)]
    except OSError as error:
        raise unreadable(file, error) from error
    if bad:
        raise TLStudioError(
            message(
                "weights.not_finite",
                "{file} is damaged: {num} of its tensors hold values that are not numbers, {first} for one.",
                file=shown(file),
                num=len(bad),
                first=bad[0],
            ),
            message("weights.not_finite.hint", "Nothing was imported. The training it comes from has failed; use an earlier checkpoint."),
            details="\n".join(bad),
        )


def _is_finite(file: Path, header: Header, tensor: Tensor) -> bool:
    if tensor.dtype in _EXPONENTS:
        dtype, exponent = _EXPONENTS[tensor.dtype]
        return not any(bool(((bits & exponent) == exponent).any()) for bits in _bits(file, header, tensor, dtype))
    patterns = _NAN_PATTERNS.get(tensor.dtype)
    return patterns is None or not any(bool(np.isin(bits, patterns).any()) for bits in _bits(file, header, tensor, "u1"))


def _bits(file: Path, header: Header, tensor: Tensor, dtype: str) -> Iterator[NDArray[np.unsignedinteger]]:
    """The tensor's values as unsigned integers, a piece at a time."""
    start, end = tensor.data_offsets
    with open(file, "rb") as source:
        source.seek(header.data_start + start)
        left = end - start
        while left > 0:
            chunk = source.read(min(_CHUNK_BYTES, left))
            if not chunk:
                raise OSError(f"{file.name} ended early")
            yield np.frombuffer(chunk, dtype=dtype)
            left -= len(chunk)
