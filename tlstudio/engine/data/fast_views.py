"""Training squares and views by torch's resampling of bytes: as `datasets.fit` and `datasets.training_views`, several times faster.

For training by rule 2 only, never for what is judged: weights are rounded to 16 bits instead of 22, so that a value may differ from
Pillow's by a level or two. torch computes the same bits with and without vector instructions. Filters that it does not have are Pillow's.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tlstudio.datasets.fit import fit, resized_size, shortened
from tlstudio.datasets.training_views import change_of, recoloured, view
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import Augmentation

Pixels = NDArray[np.uint8]

_FILTERS = ("bilinear", "bicubic")


def fast_fit(pixels: Pixels, preprocessing: Preprocessing) -> Pixels:
    """uint8[H, W, 3] (writable) to uint8[S, S, 3]. Raises `ValueError` for an interpolation of another name."""
    if preprocessing.interpolation not in _FILTERS:
        return fit(pixels, preprocessing)
    kept, size = shortened(pixels), preprocessing.input_size_px
    width, height = resized_size((kept.shape[1], kept.shape[0]), preprocessing)
    left, top = (width - size) // 2, (height - size) // 2
    resized = _resized(torch.from_numpy(kept), (height, width), preprocessing.interpolation)
    return resized[top : top + size, left : left + size].contiguous().numpy()


def fast_view(pixels: Pixels, kind: Augmentation, *, size_px: int, interpolation: str, seed: int, epoch: int, sample: int) -> Pixels:
    """uint8[size_px, size_px, 3] of an image uint8[C, C, 3], by rule 2."""
    key = {"seed": seed, "epoch": epoch, "sample": sample}
    if kind == "none" or interpolation not in _FILTERS:
        return view(pixels, kind, rule=2, size_px=size_px, interpolation=interpolation, **key)
    change = change_of(kind, rule=2, side=pixels.shape[0], size_px=size_px, **key)
    left, top, right, bottom = (int(edge) for edge in change.part)
    # Copied, because torch takes no memory that must not be written to; it would copy a part of an image anyway.
    made = _resized(torch.from_numpy(pixels[top:bottom, left:right].copy()), (size_px, size_px), interpolation)
    if change.is_mirrored:
        made = made.flip(1)
    return made.numpy() if change.colours is None else recoloured(made.numpy(), change.colours)


def _resized(pixels: Tensor, size: tuple[int, int], interpolation: str) -> Tensor:
    """uint8[H, W, 3] to uint8[height, width, 3]."""
    # With the batch in front before the channels move, the strides say "channels last", for which there is a fast kernel.
    image = pixels[None].permute(0, 3, 1, 2)
    return functional.interpolate(image, size, mode=interpolation, antialias=True)[0].permute(1, 2, 0)
