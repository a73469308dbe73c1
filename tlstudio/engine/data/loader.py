"""Batches of training views in an order that depends on (seed, epoch) alone, made a little ahead by a few threads."""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.datasets.training_views import order_of, view
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.recipe import Augmentation
from tlstudio.engine.data.fast_views import fast_view
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Ahead, Pixels, Skipped
from tlstudio.engine.data.sampling import balanced_order, turns_of
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError

_FAR = 1_000_003
"""Between the numbers of an image's views in one epoch: more than there are epochs."""
_TOGETHER_S = 1.0
"""How long a batch is waited for as a whole; of a slow drive they are taken one by one, so that one that is away is told at once."""


class Batch(Protocol):
    """N images of one step, on their way to their logits. N may be 0 where no image could be read."""

    @property
    def targets(self) -> Tensor:
        """i64[N]."""

    def inputs(self) -> Tensor:
        """[N, …]: what `logits` begins with. Raises `Interrupted`; asked again, it goes on."""

    def logits(self, network: Network, inputs: Tensor) -> Tensor:
        """f32[N, K] of (some of) the inputs, on the network's device."""


class Batches(Protocol):
    """Where the batches of a training come from: a function of the epoch and their number in it."""

    @property
    def num_batches(self) -> int:
        """In an epoch."""

    def batches(self, epoch: int, *, start: int = 0) -> Iterator[Batch]:
        """The batches of `epoch` from number `start` on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageBatch:
    """`images`: uint8[N, S, S, 3]; `targets`: i64[N]. The whole network runs."""

    images: Tensor
    targets: Tensor

    def inputs(self) -> Tensor:
        """The images."""
        return self.images

    def logits(self, network: Network, inputs: Tensor) -> Tensor:
        """f32[N, K]."""
        logits: Tensor = network(inputs)
        return logits


@dataclass(frozen=True, kw_only=True, eq=False)
class Loader:
    """Training images of one run. An image that cannot be read leaves its place in its batch empty, in every epoch alike."""

    entries: Sequence[ManifestEntry]
    pixels: PixelCache
    skipped: Skipped
    augmentation: Augmentation
    size_px: int
    interpolation: str
    batch_size: int
    seed: int
    threads: int
    is_sampled: bool = False
    """Whether every class is shown equally often, images of rare ones several times an epoch."""
    is_pinned: bool = False
    """In memory from which a graphics card copies while it computes."""
    rank: int = 0
    size: int = 1
    """Of as many processes that share each batch, this one is number `rank`."""

    @property
    def num_batches(self) -> int:
        """In an epoch; their sizes differ by one at most."""
        return ceil(len(self.entries) / self.batch_size)

    def batches(self, epoch: int, *, start: int = 0) -> Iterator[ImageBatch]:
        """The batches of `epoch` from number `start` on."""
        parts, numbers = self.own_parts(epoch)[start:], self.own_numbers(epoch)[start:]
        rows = zip(itertools.chain(*parts), itertools.chain(*numbers), strict=True)
        looks = ((self.entries[row], int(number)) for row, number in rows)
        with Ahead(looks, lambda look: self.view(*look), threads=self.threads, ahead=2 * self.batch_size) as ahead:
            views = iter(ahead)
            for part in parts:
                yield self._batch([next(views) for _row in part])
        self.pixels.flush()

    def numbers(self, epoch: int) -> list[NDArray[np.int64]]:
        """What keys the view of each row of `parts`: an image that comes again within an epoch is seen in another one."""
        parts = self.parts(epoch)
        numbers = epoch + _FAR * turns_of(np.concatenate(parts))
        return np.split(numbers, np.cumsum([len(part) for part in parts])[:-1])

    def parts(self, epoch: int) -> list[NDArray[np.int64]]:
        """Rows of `entries` by batch."""
        if self.is_sampled:
            labels = np.array([entry.label for entry in self.entries], np.int64)
            return np.array_split(balanced_order(labels, seed=self.seed, epoch=epoch), self.num_batches)
        return np.array_split(order_of(len(self.entries), seed=self.seed, epoch=epoch), self.num_batches)

    def own_parts(self, epoch: int) -> list[NDArray[np.int64]]:
        """Of each batch the rows that this process computes."""
        return self.shares(epoch)[self.rank :: self.size]

    def own_numbers(self, epoch: int) -> list[NDArray[np.int64]]:
        """Of their views."""
        return [numbers[self.rank :: self.size] for numbers in self.numbers(epoch)]

    def shares(self, epoch: int) -> list[NDArray[np.int64]]:
        """Rows that are computed together: of each batch, the share of each process in turn."""
        return [part[rank :: self.size] for part in self.parts(epoch) for rank in range(self.size)]

    def view(self, entry: ManifestEntry, epoch: int) -> Pixels | TLStudioError:
        """uint8[S, S, 3] as `epoch` sees it, or why there is none."""
        try:
            pixels = self.pixels.get(entry)
        except TLStudioError as error:
            return error
        key = {"seed": self.seed, "epoch": epoch, "sample": entry.sample}
        if self.pixels.views == 2:
            return fast_view(pixels, self.augmentation, size_px=self.size_px, interpolation=self.interpolation, **key)
        return view(pixels, self.augmentation, rule=1, size_px=self.size_px, interpolation=self.interpolation, **key)

    def _batch(self, views: list) -> ImageBatch:  # type: ignore[type-arg]
        # Woken once a batch and not by every image, for this thread takes the interpreter's lock from those that read.
        wait([future for _look, future in views], timeout=_TOGETHER_S)
        images, targets = [], []
        for (entry, _number), future in views:
            result = future.result()
            if isinstance(result, TLStudioError):
                self.skipped.add(entry, result)
            else:
                images.append(result)
                targets.append(entry.label)
        stacked = torch.empty((len(images), self.size_px, self.size_px, 3), dtype=torch.uint8, pin_memory=self.is_pinned)
        if images:
            np.stack(images, out=stacked.numpy())
        return ImageBatch(images=stacked, targets=torch.tensor(targets, dtype=torch.int64, pin_memory=self.is_pinned))
