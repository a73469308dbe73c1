"""Views with the teachers' answers, in whole chunks on disk: made once, studied many times; after a kill only the missing ones are made."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save
from teachers import Teacher
from torch import Tensor
from views import Photographs, smaller

from tlstudio import files

CHUNK = 4_000
"""Views in a file."""
_RENDERED_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """Some views as the student sees them, uint8[N, 3, S, S], and f16[N, D] of each teacher."""

    images: Tensor
    answers: dict[str, Tensor]


def write(
    photographs: Photographs,
    teachers: dict[str, Teacher],
    folder: Path,
    *,
    num_views: int,
    size_px: int,
) -> list[Path]:
    """The chunks of the first `num_views` views, those that are missing made. Raises `OSError`, a full disk included."""
    folder.mkdir(parents=True, exist_ok=True)
    chunks = [folder / f"lessons-{size_px}-{number:04d}.safetensors" for number in range(num_views // CHUNK)]
    device = next(iter(teachers.values())).weight.device
    for number, chunk in enumerate(chunks):
        if chunk.is_file():
            continue
        lesson: dict[str, list[Tensor]] = {name: [] for name in ("images", *teachers)}
        for start in range(number * CHUNK, (number + 1) * CHUNK, _RENDERED_AT_ONCE):
            views = torch.stack([photographs.view(index) for index in range(start, start + _RENDERED_AT_ONCE)])
            lesson["images"].append(smaller(views, size_px))
            for name, teacher in teachers.items():
                lesson[name].append(teacher.features(views.to(device)).cpu())
        files.write_bytes(chunk, save({name: torch.cat(parts) for name, parts in lesson.items()}))
        print(f"views with answers: {(number + 1) * CHUNK:,} of {num_views:,}", flush=True)
    return chunks


class Lessons:
    """All lessons of some chunks; pictures stay on the disk (the system keeps in memory what fits), answers are loaded."""

    def __init__(self, chunks: list[Path], names: tuple[str, ...]) -> None:
        self._images: list[NDArray[np.uint8]] = [_mapped(chunk) for chunk in chunks]
        self.answers = {name: torch.cat([_read(chunk, name) for chunk in chunks]) for name in names}
        self.count = len(chunks) * CHUNK

    def take(self, rows: Tensor) -> Lesson:
        """The lessons with these numbers, i64[N]."""
        pixels = np.stack([self._images[row // CHUNK][row % CHUNK] for row in rows.tolist()])
        return Lesson(images=torch.from_numpy(pixels), answers={name: values[rows] for name, values in self.answers.items()})


def _read(chunk: Path, name: str) -> Tensor:
    with safe_open(chunk, framework="pt") as file:
        tensor: Tensor = file.get_tensor(name)
    return tensor


def _mapped(chunk: Path) -> NDArray[np.uint8]:
    """The pictures of a chunk, mapped: safetensors keeps a tensor's bytes in one piece, at the place its header names."""
    with open(chunk, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = msgspec.json.decode(file.read(length))["images"]
    return np.memmap(chunk, np.uint8, "r", 8 + length + header["data_offsets"][0], tuple(header["shape"]))
