"""From a thumbnail to the few numbers by which images are put beside those that look like them.

The layout is what the Color Layout Descriptor begins with (Kasutani and Yamada, "The MPEG-7 color layout descriptor", 2001): the mean
colour of each of 8 x 8 fields. The palette is a histogram of colours (Swain and Ballard, "Color indexing", 1991), as square roots, so
that their distance is Hellinger's. Measured on photographs, steel surfaces and micrographs, both together put far more images beside one
of their own class than the fingerprints do that near copies are found by: those leave colour and brightness out on purpose.
"""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

LAYOUT_SIDE = 8
_PALETTE_SIDE = 64
"""Pixels a side that are counted."""
_BINS = (4, 6, 6)
"""Of brightness and the two colours (YCbCr)."""
NUM_LAYOUT = 3 * LAYOUT_SIDE * LAYOUT_SIDE
NUM_PALETTE = 4 * 6 * 6

Looks = npt.NDArray[np.float32]


def look_of(jpeg: bytes) -> Looks:
    """float32[NUM_LAYOUT + NUM_PALETTE] of a thumbnail as the program makes them. About half a millisecond."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG", "PNG"]) as file:
        file.draft("RGB", (_PALETTE_SIDE, _PALETTE_SIDE))
        image = file.convert("RGB").convert("YCbCr")
    layout = np.asarray(image.resize((LAYOUT_SIDE, LAYOUT_SIDE), Image.Resampling.BOX), np.float32).ravel() / 255
    pixels = np.asarray(image.resize((_PALETTE_SIDE, _PALETTE_SIDE), Image.Resampling.NEAREST)).reshape(-1, 3)
    bright, blue, red = (np.minimum(pixels[:, place].astype(np.intp), 255) for place in range(3))
    # Colours of photographs lie close around grey: the outer quarters on either side share a field with the next one.
    fields = (bright * _BINS[0] // 256, *(np.clip((colour - 64) * 6 // 128, 0, 5) for colour in (blue, red)))
    counts = np.bincount(np.ravel_multi_index(fields, _BINS), minlength=NUM_PALETTE)
    return np.concatenate([layout, np.sqrt(counts / len(pixels)).astype(np.float32)])
