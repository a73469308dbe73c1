"""From canonical pixels to the square a network sees: one function for evaluation, prediction and export.

With S = `input_size_px` and T = floor(S / crop_fraction + 1/2):
- A picture more than `MAX_ASPECT` times as long as wide is first cut to its central MAX_ASPECT : 1 part.
- The short side becomes T, the long side floor(long * T / short + 1/2) in whole-number arithmetic; resampled by Pillow with
  the named interpolation, which widens its filter when shrinking (antialiased). Sizes that fit already are not resampled.
- The S x S part that starts at ((height - S) // 2, (width - S) // 2) is kept.
"""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from tlstudio.domain.networks import Preprocessing

MAX_ASPECT = 20
_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}


def fit(pixels: npt.NDArray[np.uint8], preprocessing: Preprocessing) -> npt.NDArray[np.uint8]:
    """uint8[H, W, 3] to uint8[S, S, 3]. Raises `ValueError` for an interpolation of another name."""
    size = preprocessing.input_size_px
    image = Image.fromarray(shortened(pixels))
    resized = image.resize(resized_size(image.size, preprocessing), _filter(preprocessing.interpolation))
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    return np.array(resized.crop((left, top, left + size, top + size)))


def resized_size(size: tuple[int, int], preprocessing: Preprocessing) -> tuple[int, int]:
    """(width, height) before the crop. Raises `ValueError` where the crop would be larger than the picture."""
    width, height = size
    target = math.floor(preprocessing.input_size_px / preprocessing.crop_fraction + 0.5)
    if target < preprocessing.input_size_px:
        raise ValueError(f"crop_fraction {preprocessing.crop_fraction} is above 1")
    short, long = min(size), max(size)
    other = (2 * long * target + short) // (2 * short)
    return (target, other) if width <= height else (other, target)


def shortened(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The central part, at most `MAX_ASPECT` times as long as wide."""
    height, width = pixels.shape[:2]
    keep = MAX_ASPECT * min(height, width)
    top, left = max(0, (height - keep) // 2), max(0, (width - keep) // 2)
    return pixels[top : top + keep, left : left + keep]


def _filter(name: str) -> Image.Resampling:
    if name not in _FILTERS:
        raise ValueError(f"unknown interpolation {name!r}")
    return _FILTERS[name]
