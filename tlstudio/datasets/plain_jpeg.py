"""Plain JPEGs by imagecodecs: the same pixels as `decode`, to the bit, in three quarters of the time.

Both decode with libjpeg-turbo; this writes red, green and blue where Pillow writes a fourth byte and copies. For files that passed
`decode` once, such as those of a manifest. Whatever needs more than the decoder (turning, a colour profile, another colour mode, a fraction
of the size) is left to `decode`, and so is everything where the two libraries do not agree on this machine.
"""

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tlstudio.datasets.decode import open_header, orientation_of, shrink_while_decoding
from tlstudio.datasets.kinds import has_its_end, image_kind

Pixels = NDArray[np.uint8]

_TRIED_PX = (37, 53)


def plain_jpeg(data: bytes, *, at_least_px: int | None = None) -> Pixels | None:
    """uint8[H, W, 3] (writable) as `decode_image` makes it; None where that has to do it, or has to say why it cannot."""
    # Without its end Pillow refuses a file, and imagecodecs makes up what is missing.
    if image_kind(data) != "JPEG" or not has_its_end(data, "JPEG") or not _agrees():
        return None
    try:
        with open_header(data) as file:
            size = file.size
            if file.format != "JPEG" or file.mode not in ("L", "RGB") or file.info.get("icc_profile") or orientation_of(file) != 1:
                return None
            if at_least_px is not None:
                shrink_while_decoding(file, at_least_px)
            if file.size != size:
                return None
        pixels = _decoded(data)
    except Exception:  # damaged files make decoders raise anything; `decode_image` finds the words for it
        return None
    return pixels if pixels.shape == (size[1], size[0], 3) else None


def _decoded(data: bytes) -> Pixels:
    import imagecodecs

    pixels: Pixels = imagecodecs.jpeg8_decode(data, outcolorspace="RGB")
    return pixels


@lru_cache(maxsize=1)
def _agrees() -> bool:
    """Whether both libraries make the same pixels here: they may have been built with different decoders."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*_TRIED_PX, 3), dtype=np.uint8))
    try:
        return all(_is_same(noise, subsampling, progressive) for subsampling in (0, 1, 2) for progressive in (False, True))
    except (ImportError, RuntimeError, AttributeError, ValueError):
        return False


def _is_same(image: Image.Image, subsampling: int, progressive: bool) -> bool:
    data = io.BytesIO()
    image.save(data, "JPEG", subsampling=subsampling, progressive=progressive)
    return np.array_equal(_decoded(data.getvalue()), np.asarray(Image.open(data)))
