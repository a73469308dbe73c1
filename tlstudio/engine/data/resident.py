"""Training squares that stay in a device's memory: each is sent there once, and views are made there, a batch at a time."""

from collections.abc import Iterator
from concurrent.futures import Future

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.datasets.training_views import change_of
from tlstudio.engine.data.device_views import device_views
from tlstudio.engine.data.loader import ImageBatch, Loader
from tlstudio.engine.data.reading import Ahead, Pixels
from tlstudio.errors import TLStudioError
from tlstudio.log import logger

log = logger(__name__)

_SHARE = 0.25
"""Of the memory that is free before the training begins; the rest is for the network, its gradients and what it keeps for them."""
Reads = Iterator[tuple[int, Future[Pixels | TLStudioError]]]


def has_room(device: torch.device, *, num_images: int, side_px: int) -> bool:
    """Whether that many squares fit beside a training. Only a graphics card is asked: a processor has them in its cache of files."""
    return num_images * side_px * side_px * 3 <= _SHARE * free_bytes(device)


def free_bytes(device: torch.device) -> int:
    """Memory of a card that nobody holds; 0 for everything else."""
    return int(torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else 0


class ResidentLoader:
    """Stands in for `loader`: the same images in the same batches, their views made on `device` from the same keyed changes.

    Squares are sent when their image is first asked for, so that an interruption and where an epoch begins change nothing.
    Where the memory turns out to be too little, `loader` makes the batches.
    """

    def __init__(self, loader: Loader, *, device: torch.device) -> None:
        self.loader = loader
        self._device = device
        self._squares: Tensor | None = None
        self._is_usable = np.zeros(len(loader.entries), bool)
        """Whether an image is on the device."""
        self._is_tried = self._is_usable.copy()
        """Whether it is, or could not be read since this pass over an epoch began: each pass tries again, as the ordinary loader does."""

    @property
    def num_batches(self) -> int:
        """In an epoch."""
        return self.loader.num_batches

    def batches(self, epoch: int, *, start: int = 0) -> Iterator[ImageBatch]:
        """The batches of `epoch` from number `start` on, their images on the device."""
        squares = self._room()
        if squares is None:
            yield from self.loader.batches(epoch, start=start)
            return
        self._is_tried = self._is_usable.copy()
        parts = self.loader.own_parts(epoch)[start:]
        missing = [row for row in dict.fromkeys(int(row) for part in parts for row in part) if not self._is_tried[row]]
        with Ahead(missing, self._read, threads=self.loader.threads, ahead=2 * self.loader.batch_size) as ahead:
            reads = iter(ahead)
            for part, numbers in zip(parts, self.loader.own_numbers(epoch)[start:], strict=True):
                self._fill(squares, part, reads)
                is_usable = self._is_usable[part]
                yield self._batch(squares, part[is_usable], numbers[is_usable])
        self.loader.pixels.flush()

    def _room(self) -> Tensor | None:
        """uint8[images, C, 3, C]: rows, channels, columns, as the matrix products of `device_views` take them."""
        if self._squares is None:
            side = self.loader.pixels.side_px
            try:
                self._squares = _allocated(len(self.loader.entries), side, self._device)
            except torch.OutOfMemoryError as error:
                log.info("the training images do not fit in the memory of %s: %s", self._device, error)
        return self._squares

    def _read(self, row: int) -> Pixels | TLStudioError:
        try:
            return self.loader.pixels.get(self.loader.entries[row])
        except TLStudioError as error:
            return error

    def _fill(self, squares: Tensor, part: NDArray[np.int64], reads: Reads) -> None:
        """Send what of a batch is not there yet. Raises as `Skipped.add`, then nothing of it counts as tried."""
        found: dict[int, Pixels] = {}
        asked = list(dict.fromkeys(part[~self._is_tried[part]].tolist()))
        for _row in asked:
            row, future = next(reads)
            result = future.result()
            if isinstance(result, TLStudioError):
                self.loader.skipped.add(self.loader.entries[row], result)
            else:
                found[row] = result
        if found:
            rows = torch.tensor(list(found), device=self._device)
            squares[rows] = torch.from_numpy(np.stack(list(found.values()))).to(self._device).permute(0, 1, 3, 2)
            self._is_usable[list(found)] = True
        self._is_tried[asked] = True

    def _batch(self, squares: Tensor, rows: NDArray[np.int64], numbers: NDArray[np.int64]) -> ImageBatch:
        loader, entries = self.loader, [self.loader.entries[row] for row in rows]
        changes = [
            change_of(
                loader.augmentation,
                rule=2,
                side=loader.pixels.side_px,
                size_px=loader.size_px,
                seed=loader.seed,
                epoch=int(number),
                sample=entry.sample,
            )
            for entry, number in zip(entries, numbers, strict=True)
        ]
        chosen = squares[torch.from_numpy(rows).to(self._device)]
        images = device_views(chosen, changes, size_px=loader.size_px, interpolation=loader.interpolation)
        return ImageBatch(images=images, targets=torch.tensor([entry.label for entry in entries], dtype=torch.int64))


def _allocated(number: int, side: int, device: torch.device) -> Tensor:
    return torch.empty((number, side, 3, side), dtype=torch.uint8, device=device)
