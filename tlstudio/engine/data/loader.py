"""Batches of training views in an order that depends on (seed, epoch) alone, made a little ahead by a few threads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from torch import Tensor

from tlstudio.datasets.training_views import order_of, view
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.recipe import Augmentation
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Ahead, Pixels, Skipped
from tlstudio.errors import TLStudioError


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """`images`: uint8[N, S, S, 3]; `targets`: i64[N]. N may be 0 where no image could be read."""

    images: Tensor
    targets: Tensor


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

    @property
    def num_batches(self) -> int:
        """In an epoch; their sizes differ by one at most."""
        return ceil(len(self.entries) / self.batch_size)

    def batches(self, epoch: int, *, start: int = 0) -> Iterator[Batch]:
        """The batches of `epoch` from number `start` on."""
        order = order_of(len(self.entries), seed=self.seed, epoch=epoch)
        parts = np.array_split(order, self.num_batches)[start:]
        entries = (self.entries[row] for part in parts for row in part)
        with Ahead(entries, lambda entry: self._view(entry, epoch), threads=self.threads, ahead=2 * self.batch_size) as ahead:
            views = iter(ahead)
            for part in parts:
                yield self._batch([next(views) for _row in part])
        self.pixels.flush()

    def _view(self, entry: ManifestEntry, epoch: int) -> Pixels | TLStudioError:
        try:
            pixels = self.pixels.get(entry)
        except TLStudioError as error:
            return error
        return view(
            pixels,
            self.augmentation,
            size_px=self.size_px,
            interpolation=self.interpolation,
            seed=self.seed,
            epoch=epoch,
            sample=entry.sample,
        )

    def _batch(self, views: list) -> Batch:  # type: ignore[type-arg]
        images, targets = [], []
        for entry, future in views:
            result = future.result()
            if isinstance(result, TLStudioError):
                self.skipped.add(entry, result)
            else:
                images.append(result)
                targets.append(entry.label)
        stacked = np.stack(images) if images else np.empty((0, self.size_px, self.size_px, 3), np.uint8)
        return Batch(images=torch.from_numpy(stacked), targets=torch.tensor(targets, dtype=torch.int64))
