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
    resized = _pixels(_resized(kept, (height, width), preprocessing.interpolation))
    return np.ascontiguousarray(resized[top : top + size, left : left + size])


def fast_view(pixels: Pixels, kind: Augmentation, *, size_px: int, interpolation: str, seed: int, epoch: int, sample: int) -> Pixels:
    """uint8[size_px, size_px, 3] of an image uint8[C, C, 3], by rule 2."""
    key = {"seed": seed, "epoch": epoch, "sample": sample}
    if kind == "none" or interpolation not in _FILTERS:
        return view(pixels, kind, rule=2, size_px=size_px, interpolation=interpolation, **key)
    change = change_of(kind, rule=2, side=pixels.shape[0], size_px=size_px, **key)
    left, top, right, bottom = (int(edge) for edge in change.part)
    # Copied, because torch takes no memory that must not be written to; it would copy a part of an image anyway.
    made = _resized(pixels[top:bottom, left:right].copy(), (size_px, size_px), interpolation)
    found = _pixels(made.flip(3) if change.is_mirrored else made)
    return found if change.colours is None else recoloured(found, change.colours)


def _resized(pixels: Pixels, size: tuple[int, int], interpolation: str) -> Tensor:
    """uint8[H, W, 3] to uint8[1, 3, height, width], its channels last in memory."""
    # Axes are moved by numpy, because with every operation torch hands over the interpreter's lock, for which the threads then queue.
    # With the batch in front before the channels move, the strides say "channels last", for which there is a fast kernel.
    image = torch.from_numpy(pixels.reshape(1, *pixels.shape).transpose(0, 3, 1, 2))
    return functional.interpolate(image, size, mode=interpolation, antialias=True)


def _pixels(image: Tensor) -> Pixels:
    """uint8[1, 3, H, W] to uint8[H, W, 3]."""
    pixels: Pixels = image.numpy()[0].transpose(1, 2, 0)
    return pixels
