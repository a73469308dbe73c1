"""Writes tensors as a safetensors file one at a time, so that a checkpoint never needs its size in memory twice."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from tlstudio.domain.conversion import Refusal

_DTYPES: dict[torch.dtype, str] = {
    torch.float64: "F64",
    torch.int64: "I64",
    torch.float32: "F32",
    torch.int32: "I32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
}
_ALIGNMENT = 8


class NotWritable(Exception):
    """A tensor that weights do not have."""

    def __init__(self, reason: Refusal, what: str = "") -> None:
        super().__init__(reason, what)
        self.reason = reason
        self.what = what


def write_tensors(file: Path, tensors: Mapping[str, Tensor], *, limit_bytes: int, report: Callable[[int, int], None]) -> None:
    """Write `tensors` to a new `file`, the widest numbers first; the same tensors give the same bytes.

    `report` gets the bytes written and their number. Raises `NotWritable`, `OSError` and `MemoryError`.
    """
    for name, tensor in tensors.items():
        _check(name, tensor)
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    total = sum(tensors[name].numel() * tensors[name].element_size() for name in names)
    if total > limit_bytes:
        raise NotWritable(Refusal.BOMB)
    done = 0
    with open(file, "xb") as out:
        out.write(_header(names, tensors))
        for name in names:
            flat = tensors[name].detach().contiguous().reshape(-1).view(torch.uint8)
            out.write(flat.numpy().data)
            done += len(flat)
            report(done, total)


def _check(name: str, tensor: Tensor) -> None:
    if tensor.is_quantized:
        raise NotWritable(Refusal.QUANTISED, name)
    if tensor.layout is not torch.strided:
        raise NotWritable(Refusal.SPARSE, name)
    if tensor.dtype not in _DTYPES or tensor.device.type != "cpu":
        raise NotWritable(Refusal.NUMBERS, name)


def _header(names: list[str], tensors: Mapping[str, Tensor]) -> bytes:
    entries, start = {}, 0
    for name in names:
        tensor = tensors[name]
        end = start + tensor.numel() * tensor.element_size()
        entries[name] = {"dtype": _DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text
