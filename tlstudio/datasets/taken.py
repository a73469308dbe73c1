"""When a camera took an image, as its file says. Called in the decoder process, for it reads foreign bytes."""

import io
import struct
from calendar import timegm
from time import strptime
from typing import Any

from PIL import Image

_FORMATS = ("JPEG", "TIFF", "WEBP")
"""What cameras write. Of a PNG, Pillow decodes every pixel before it says that there is no EXIF in it."""
_EXIF = 0x8769
_ORIGINAL = 0x9003
"""DateTimeOriginal: the moment of capture. The plain DateTime is passed over, for programs that change a picture put their own there."""
_FRACTION = 0x9291


def taken_at(data: bytes) -> float | None:
    """Seconds on the camera's own clock (1970 is 0, no time zone); None where the file does not say or what it says is damaged."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as file:
            tags: Any = file.getexif().get_ifd(_EXIF)
        words = tags.get(_ORIGINAL)
        if not isinstance(words, str):
            return None
        second = timegm(strptime(words.strip(" \0")[:19], "%Y:%m:%d %H:%M:%S"))
    except (OSError, ValueError, SyntaxError, struct.error, KeyError, TypeError, IndexError, AttributeError, OverflowError):
        return None
    return second + _fraction(tags.get(_FRACTION)) if second > 0 else None


def _fraction(text: object) -> float:
    """ "47" is 0.47 s."""
    digits = text.strip(" \0") if isinstance(text, str) else ""
    return float(f"0.{digits}") if digits.isascii() and digits.isdecimal() else 0.0
