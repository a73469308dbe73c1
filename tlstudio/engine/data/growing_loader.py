"""Batches of training images that grow from epoch to epoch; the number of an epoch alone says how large they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import torch
from torch import Tensor

from tlstudio.datasets.fit import fit
from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.data.loader import ImageBatch, Loader


@dataclass(frozen=True, kw_only=True, eq=False)
class GrowingLoader:
    """Stands in for `loader`; `sizes` of its images by epoch, in pixels, the last one for all that follow."""

    loader: Loader
    sizes: tuple[int, ...]

    @property
    def num_batches(self) -> int:
        """In an epoch."""
        return self.loader.num_batches

    def batches(self, epoch: int, *, start: int = 0) -> Iterator[ImageBatch]:
        """The batches of `epoch` from number `start` on."""
        size_px = self.sizes[min(epoch, len(self.sizes) - 1)]
        if self.loader.augmentation != "none":  # then a view is cut out of the kept pixels straight to its size
            yield from replace(self.loader, size_px=size_px).batches(epoch, start=start)
            return
        for batch in self.loader.batches(epoch, start=start):
            yield replace(batch, images=self._shrunk(batch.images, size_px))

    def _shrunk(self, images: Tensor, size_px: int) -> Tensor:
        """uint8[N, S, S, 3] to uint8[N, size_px, size_px, 3]: all of what evaluation sees."""
        if size_px == self.loader.size_px or not len(images):
            return images
        target = msgspec.structs.replace(Preprocessing(), input_size_px=size_px, crop_fraction=1.0, interpolation=self.loader.interpolation)
        return torch.from_numpy(np.stack([fit(image, target) for image in images.numpy()]))
