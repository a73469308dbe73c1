"""From canonical pixels to the few numbers by which blank, dark, over-exposed and blurred images are found.

All are taken at one small size (longest side 256 px, averaged, never enlarged): about what a network sees, and the same for every size.
A blur that is gone at that size does a classifier no harm and is not told.

Sharpness follows the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000), which
alone says as much of contrast as of focus: a smooth, faint micrograph falls below a blurred photograph of a newspaper. Divided by the mean
squared gradient it has no grey level left in it and is read in pixels: an edge that a Gaussian of s pixels has blurred gives 1 / (2 s^2).
Measured on 3,900 photographs, micrographs and textures, beside copies blurred by 2.5 px: of the blurred copies the variance alone (at three
robust deviations from the median of its set) finds 41 % in `flowers5` and 1 % in `neu_det`, the quotient 95 % and 71 %.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from tlstudio.domain.quality import ImageQuality

QUALITY_VERSION = 1
"""Stored with each; raised whenever a digit of any of them changes."""
SIDE_PX = 256
_TAIL = 0.01
"""Share of the pixels that may be darker or brighter: dead pixels, a glint, a scale bar."""
_ROUNDING = 1 / 12
"""Variance that rounding to whole grey levels adds to a pixel, except where a surface is even: most of what there is in a faint image."""
_FLAT = 0.05
"""Mean squared gradient, less rounding, below which there is no edge."""
_LEVELS = np.arange(256)


def quality_of(pixels: npt.NDArray[np.uint8]) -> ImageQuality:
    """Of uint8[H, W, 3]. One to two milliseconds."""
    image = _small(pixels)
    red, green, blue = image.split()
    counts = [np.asarray(channel.histogram()) for channel in (red, green, blue)]
    lowest = ImageChops.darker(ImageChops.darker(red, green), blue).histogram()
    highest = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return ImageQuality(
        version=QUALITY_VERSION,
        darkest=_level_at(np.asarray(lowest), _TAIL),
        brightest=_level_at(np.asarray(highest), 1 - _TAIL),
        contrast=max(_deviation(item) for item in counts),
        sharpness=_sharpness(np.asarray(image.convert("L"), dtype=np.float32)),
    )


def _small(pixels: npt.NDArray[np.uint8]) -> Image.Image:
    image = Image.fromarray(pixels)
    scale = SIDE_PX / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _level_at(counts: npt.NDArray[np.int64], share: float) -> float:
    """The grey level that `share` of the pixels do not exceed."""
    return float(np.searchsorted(np.cumsum(counts), share * counts.sum()))


def _deviation(counts: npt.NDArray[np.int64]) -> float:
    number = counts.sum()
    mean = (counts * _LEVELS).sum() / number
    return round(float(np.sqrt((counts * (_LEVELS - mean) ** 2).sum() / number)), 3)


def _sharpness(grey: npt.NDArray[np.float32]) -> float | None:
    """Variance of the Laplacian over the mean squared gradient of float32[H, W]."""
    if min(grey.shape) < 3:
        return None
    across, down = np.diff(grey, axis=1), np.diff(grey, axis=0)
    laplacian = np.diff(across, axis=1)[1:-1] + np.diff(down, axis=0)[:, 1:-1]
    # A difference of two rounded values carries the rounding of both, the Laplacian (weights 1, 1, 1, 1 and -4) that of twenty.
    rounding = _ROUNDING * float(np.count_nonzero(laplacian)) / laplacian.size
    gradient = float(np.mean(across**2) + np.mean(down**2)) - 4 * rounding
    if gradient < _FLAT:
        return None
    return round(max(0.0, float(np.var(laplacian)) - 20 * rounding) / gradient, 5)
