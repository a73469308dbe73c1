"""Plain JPEGs by imagecodecs: the same pixels as `decode`, to the bit, in three quarters of the time.

Both decode with libjpeg-turbo; this writes red, green and blue where Pillow writes a fourth byte and copies. For files that passed
`decode` once, such as those of a manifest. Whatever needs more than the decoder (turning, a colour profile, another colour mode, a fraction
of the size) is left to `decode`, and so is everything where the two libraries do not agree on this machine.
"""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tlstudio.datasets.decode import open_header, orientation_of, shrink_while_decoding
from tlstudio.datasets.kinds import has_its_end, image_kind
from tlstudio.log import logger

log = logger(__name__)

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
    """Whether both libraries make the same pixels here: they may have been built with different decoders, or be of other versions."""
    try:
        tried = _tried()
        return all(np.array_equal(_decoded(data), np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))) for data in tried)
    except Exception as error:  # another version may take or raise anything
        log.info("JPEGs are decoded by Pillow: %s", error)
        return False


def _tried() -> list[bytes]:
    """Files of every kind that is taken: chroma at every size, progressive, grey, and as Adobe keeps red, green and blue."""
    import imagecodecs

    noise = np.random.default_rng(0).integers(0, 256, (*_TRIED_PX, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    tried = [_saved(image, subsampling=number, progressive=flag) for number in (0, 1, 2) for flag in (False, True)]
    tried += [_saved(image.convert("L"), progressive=flag) for flag in (False, True)]
    tried.append(_saved(image, keep_rgb=True))
    tried += [bytes(imagecodecs.jpeg8_encode(noise, level=80, subsampling=name)) for name in ("440", "411")]  # Pillow does not write these
    return tried


def _saved(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()
