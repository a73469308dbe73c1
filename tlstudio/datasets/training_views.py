"""What a training sees: the order of its images, the square they are cut from, and small random changes that do not change the class.

Keyed: order is a function of (seed, epoch), a view of (seed, epoch, sample) alone, so neither the number of threads nor an interruption
can change them, and what is previewed is what is trained on.

Two rules of making them. 1, of recipes before version 3: the part that is cut out begins and ends between pixels, colours are changed in
three steps. 2: the part begins and ends at whole pixels and nothing outside is looked at, colours are changed in one step. Rule 2 can be
computed several times faster (`engine.data.fast_views`), to a level or two as here.
"""

import math
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import Augmentation, ViewRule

Pixels = NDArray[np.uint8]

_FILTERS = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}
_MIN_AREA: dict[Augmentation, float] = {"none": 1.0, "light": 0.5, "moderate": 0.35}
_LARGEST_RATIO = 4 / 3
_COLOUR_CHANGE = 0.25
_MARGIN = 1.15
GREY = np.array((0.299, 0.587, 0.114), np.float32)
"""Shares of red, green and blue in brightness (ITU-R BT.601)."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What makes a view of a square of `side` pixels."""

    part: tuple[float, float, float, float]
    """Left, top, right, bottom of what is cut out; whole numbers by rule 2."""
    is_mirrored: bool = False
    colours: tuple[float, float, float] | None = None
    """Factors of brightness, contrast and saturation."""


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


def change_of(kind: Augmentation, *, rule: ViewRule, side: int, size_px: int, seed: int, epoch: int, sample: int) -> Change:
    """How a view of `size_px` is made from a square of `side` pixels.

    none: the centre as evaluation sees it. light: a random part and mirrored half of the time. moderate: smaller parts, and
    brightness, contrast and saturation vary by a quarter.
    """
    if kind == "none":
        start = (side - size_px) // 2
        return Change(part=(start, start, start + size_px, start + size_px))
    random = np.random.default_rng((seed, epoch, sample))
    part = _part(random, side, _MIN_AREA[kind])
    if rule == 2:
        left, top, right, bottom = (round(edge) for edge in part)
        part = (left, top, max(right, left + 1), max(bottom, top + 1))
    is_mirrored = random.random() < 0.5
    colours = None
    if kind == "moderate":
        brightness, contrast, saturation = (random.uniform(1 - _COLOUR_CHANGE, 1 + _COLOUR_CHANGE) for _number in range(3))
        colours = (brightness, contrast, saturation)
    return Change(part=part, is_mirrored=is_mirrored, colours=colours)


def view(
    pixels: Pixels, kind: Augmentation, *, rule: ViewRule, size_px: int, interpolation: str, seed: int, epoch: int, sample: int
) -> Pixels:
    """uint8[size_px, size_px, 3] of an image uint8[C, C, 3]."""
    change = change_of(kind, rule=rule, side=pixels.shape[0], size_px=size_px, seed=seed, epoch=epoch, sample=sample)
    left, top, right, bottom = change.part
    if kind == "none":
        return pixels[int(top) : int(bottom), int(left) : int(right)]
    image, filter = Image.fromarray(pixels), _FILTERS.get(interpolation, Image.Resampling.BICUBIC)
    if rule == 1:
        image = image.resize((size_px, size_px), filter, box=change.part)
    else:
        image = image.crop((int(left), int(top), int(right), int(bottom))).resize((size_px, size_px), filter)
    if change.is_mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if change.colours is None:
        return np.asarray(image)
    return np.asarray(_recoloured_in_steps(image, change.colours)) if rule == 1 else recoloured(np.asarray(image), change.colours)


def _colour_map(colours: tuple[float, float, float], mean: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Matrix f32[3, 3] and shift that change an image's colours (x @ matrix + shift); `mean` f32[3] is that of its channels.

    Brightness b, then contrast c around the image's mean grey m, then saturation s around each pixel's grey g(x):
    c b (s x + (1 - s) g(x)) + (1 - c) b m.
    """
    brightness, contrast, saturation = colours
    matrix = contrast * brightness * (saturation * np.eye(3) + (1 - saturation) * GREY[:, None])
    return matrix.astype(np.float32), float((1 - contrast) * brightness * (mean @ GREY))


def recoloured(pixels: Pixels, colours: tuple[float, float, float]) -> Pixels:
    """uint8[H, W, 3] with other colours, rounded and clipped once."""
    values = pixels.reshape(-1, 3).astype(np.float32)
    matrix, shift = _colour_map(colours, values.mean(axis=0))
    values = values @ matrix
    values += shift + 0.5  # the conversion below cuts off what is behind the point
    return np.clip(values, 0, 255, out=values).astype(np.uint8).reshape(pixels.shape)


def _part(random: np.random.Generator, side: int, min_area: float) -> tuple[float, float, float, float]:
    """A random rectangle within a square: left, top, right, bottom."""
    area = random.uniform(min_area, 1.0) * side * side
    ratio = math.exp(random.uniform(-1, 1) * math.log(_LARGEST_RATIO))
    width, height = min(side, math.sqrt(area * ratio)), min(side, math.sqrt(area / ratio))
    left, top = random.uniform(0, side - width), random.uniform(0, side - height)
    return left, top, left + width, top + height


def _recoloured_in_steps(image: Image.Image, colours: tuple[float, float, float]) -> Image.Image:
    for change, factor in zip((ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color), colours, strict=True):
        image = change(image).enhance(factor)
    return image
