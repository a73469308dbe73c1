"""From canonical pixels to the fingerprint that near copies are found by.

The hash is the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010, section 3.2.1):
grey, 32 x 32, the lowest 8 x 8 coefficients of the cosine transform, one bit each for "above the median".
The detail is the 16 x 16 lowest coefficients less the broadest ones (brightness, light falling in from a side), as int8.
The transform is orthonormal, so the correlation of two details is that of the two small images after a band-pass: what is
alike in every image of a series, such as its lighting, does not count.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tlstudio.domain.fingerprints import Fingerprint

FINGERPRINT_VERSION = 1
"""Stored with each; raised whenever a bit of any of them changes."""
SIDE_PX = 32
HASH_SIDE = 8
DETAIL_SIDE = 16
NUM_BROAD = 3
"""Coefficients (u, v) with u + v below this are brightness and lighting, no detail."""
FLAT_LEVELS = 1.0
"""Root mean square of the detail in grey levels of 0..255: below it there is only noise, and blank images all look alike."""


def fingerprint_of(pixels: npt.NDArray[np.uint8]) -> Fingerprint | None:
    """Of uint8[H, W, 3]; None for an image without structure. About a millisecond."""
    image = Image.fromarray(pixels).convert("L")
    is_small = min(image.size) < SIDE_PX
    image = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR if is_small else Image.Resampling.BOX)
    transformed = _COSINES @ np.asarray(image, dtype=np.float64) @ _COSINES.T
    detail = np.where(_IS_DETAIL, transformed[:DETAIL_SIDE, :DETAIL_SIDE], 0.0)
    largest = np.abs(detail).max()
    if np.linalg.norm(detail) / SIDE_PX < FLAT_LEVELS or largest == 0:
        return None
    low = transformed[:HASH_SIDE, :HASH_SIDE].ravel()
    # The mean brightness (coefficient 0) says nothing of the picture and would be above every median.
    bits = low > np.median(low[1:])
    bits[0] = False
    return Fingerprint(hash=np.packbits(bits).tobytes(), detail=np.rint(127 * detail / largest).astype(np.int8).tobytes())


def _cosine_transform(size: int) -> npt.NDArray[np.float64]:
    """float64[size, size]: the orthonormal DCT-II, so that T @ x transforms a column."""
    frequency, place = np.mgrid[:size, :size]
    matrix: npt.NDArray[Any] = np.sqrt(2 / size) * np.cos(np.pi * (2 * place + 1) * frequency / (2 * size))
    matrix[0] /= np.sqrt(2)
    return matrix


_COSINES = _cosine_transform(SIDE_PX)
_IS_DETAIL = np.add.outer(np.arange(DETAIL_SIDE), np.arange(DETAIL_SIDE)) >= NUM_BROAD
