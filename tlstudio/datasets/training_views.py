"""What a training sees: the order of its images, the square they are cut from, and small random changes that do not change the class.

Keyed: order is a function of (seed, epoch), a view of (seed, epoch, sample) alone, so neither the number of threads nor an interruption
can change them, and what is previewed is what is trained on.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import Augmentation

Pixels = NDArray[np.uint8]

_FILTERS = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}
_MIN_AREA: dict[Augmentation, float] = {"none": 1.0, "light": 0.5, "moderate": 0.35}
_LARGEST_RATIO = 4 / 3
_COLOUR_CHANGE = 0.25
_MARGIN = 1.15


def order_of(num_images: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """i64[num_images]: rows of the training images in the order of an epoch."""
    return np.random.default_rng((seed, epoch)).permutation(num_images)


def training_preprocessing(preprocessing: Preprocessing) -> Preprocessing:
    """What training views are cut from: a square with a margin, at the scale that evaluation sees.

    Where evaluation cuts its square from a larger picture, that picture; else 1.15 times the size.
    """
    size = preprocessing.input_size_px
    seen = round(size / preprocessing.crop_fraction)
    return msgspec.structs.replace(preprocessing, input_size_px=max(seen, round(size * _MARGIN)), crop_fraction=1.0)


def view(pixels: Pixels, kind: Augmentation, *, size_px: int, interpolation: str, seed: int, epoch: int, sample: int) -> Pixels:
    """uint8[size_px, size_px, 3] of an image uint8[C, C, 3].

    none: the centre as evaluation sees it. light: a random part and mirrored half of the time. moderate: smaller parts, and
    brightness, contrast and saturation vary by a quarter.
    """
    side = pixels.shape[0]
    if kind == "none":
        start = (side - size_px) // 2
        return pixels[start : start + size_px, start : start + size_px]
    random = np.random.default_rng((seed, epoch, sample))
    image = Image.fromarray(pixels).resize(
        (size_px, size_px), _FILTERS.get(interpolation, Image.Resampling.BICUBIC), box=_part(random, side, _MIN_AREA[kind])
    )
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if kind == "moderate":
        image = _recoloured(image, random)
    return np.asarray(image)


def _part(random: np.random.Generator, side: int, min_area: float) -> tuple[float, float, float, float]:
    """A random rectangle within a square: left, top, right, bottom."""
    area = random.uniform(min_area, 1.0) * side * side
    ratio = math.exp(random.uniform(-1, 1) * math.log(_LARGEST_RATIO))
    width, height = min(side, math.sqrt(area * ratio)), min(side, math.sqrt(area / ratio))
    left, top = random.uniform(0, side - width), random.uniform(0, side - height)
    return left, top, left + width, top + height


def _recoloured(image: Image.Image, random: np.random.Generator) -> Image.Image:
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = change(image).enhance(random.uniform(1 - _COLOUR_CHANGE, 1 + _COLOUR_CHANGE))
    return image
