"""From canonical pixels to the few numbers by which blank, dark, over-exposed and blurred images are found.

All are taken of the thumbnail (longest side 256 px, never enlarged): it is there anyway, about what a network sees, and the same for all.
A blur that is gone at that size does a classifier no harm and is not told.

Sharpness follows the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000), which
alone says as much of contrast as of focus: a smooth, faint micrograph falls below a blurred photograph of a newspaper. Divided by the mean
squared gradient it has no grey level left in it and is read in pixels: an edge that a Gaussian of s pixels has blurred gives 1 / (2 s^2).
Measured on 3,900 photographs, micrographs and textures, beside copies blurred by 2.5 px: of the blurred copies the variance alone (at three
robust deviations from the median of its set) finds 41 % in `flowers5` and 1 % in `neu_det`, the quotient 89 % and 71 %.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from tlstudio.domain.quality import ImageQuality

QUALITY_VERSION = 1
"""Stored with each; raised whenever a digit of any of them changes."""
_TAIL = 0.01
"""Share of the pixels that may be darker or brighter: dead pixels, a glint, a scale bar."""
_ROUNDING = 1 / 12
"""Variance that rounding to whole grey levels adds to a pixel, except where a surface is even: most of what there is in a faint image."""
_FLAT = 0.05
"""Mean squared gradient, less rounding, below which there is no edge."""
_LEVELS = np.arange(256.0)


def quality_of(image: Image.Image) -> ImageQuality:
    """Of an RGB image at the size of thumbnails. A fraction of a millisecond."""
    counts = np.array(image.histogram(), np.float64).reshape(3, 256)
    below = np.cumsum(counts, axis=1) / (image.width * image.height)
    return ImageQuality(
        version=QUALITY_VERSION,
        darkest=float((below < _TAIL).sum(axis=1).min()),
        brightest=float((below < 1 - _TAIL).sum(axis=1).max()),
        contrast=_contrast(counts / (image.width * image.height)),
        sharpness=_sharpness(np.asarray(image.convert("L"), dtype=np.float32)),
    )


def _contrast(shares: npt.NDArray[np.float64]) -> float:
    """The largest standard deviation of the levels that float64[3, 256] says how often they occur."""
    means = shares @ _LEVELS
    return round(float(np.sqrt(max(0.0, (shares @ _LEVELS**2 - means**2).max()))), 3)


def _sharpness(grey: npt.NDArray[np.float32]) -> float | None:
    """Variance of the Laplacian over the mean squared gradient of float32[H, W]."""
    if min(grey.shape) < 3:
        return None
    across, down = grey[:, 1:] - grey[:, :-1], grey[1:] - grey[:-1]
    laplacian = across[1:-1, 1:] - across[1:-1, :-1] + down[1:, 1:-1] - down[:-1, 1:-1]
    # A difference of two rounded values carries the rounding of both, the Laplacian (weights 1, 1, 1, 1 and -4) that of twenty.
    rounding = _ROUNDING * float(np.count_nonzero(laplacian)) / laplacian.size
    gradient = float(np.mean(across**2) + np.mean(down**2)) - 4 * rounding
    if gradient < _FLAT:
        return None
    curvature = max(0.0, float(np.var(laplacian)) - 20 * rounding)
    return float(round(curvature / gradient, 5))
