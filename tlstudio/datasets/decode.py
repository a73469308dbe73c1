"""THE canonical rule: from the bytes of a file to uint8 sRGB pixels. Nothing else in the program turns files into pixels.

Thumbnails, training, evaluation, prediction and export all see exactly these pixels. In this order:

1. **Which image.** The format is recognised by content, never by name. Of several pages or frames the first is taken, and
   `Decoded.format` says so ("TIFF, first of 12").
2. **Depth.** 1 bit becomes 0 and 255. Deeper than 8 bits (16-bit PNG, PNM, TIFF; 32-bit integers; floats) is mapped by the
   project's `IntensityRule`: low..high to 0..255, rounded half up, clipped; not-a-number becomes 0. `range` takes the whole range
   of the type (16 bit: round(v / 257); 12 bits in a TIFF that says so: 0..4095; signed: its lowest..highest; float: 0..1);
   `percentiles` takes for low..high the percentiles of the image's own values, all its channels together.
   A grey **DICOM** image is rescaled first (slope and intercept, or its table), so that windows are in its own units, such as
   Hounsfield. `range` then takes the file's own first window (PS3.3 C.11.2.1.2: LINEAR, LINEAR_EXACT, SIGMOID), or without one
   the whole range of the stored bits, rescaled; `window` takes low..high in rescaled units. Up to 8 stored bits the project's
   rule does not apply. MONOCHROME1 is inverted at the end. Colour is taken as above; YBR becomes RGB by PS3.3 C.7.6.3.1.2.
   **Channels** of a microscope's TIFF become colours in the order ImageJ shows them: the first is red, the second green, the
   third blue; of two, blue is black; further ones are left out, and `Decoded.format` says so ("TIFF, 3 of 5 channels, first of
   8"). Channels are the pages that OME-XML or ImageJ's description calls so, at the first depth and time, or two and more grey
   samples a pixel that are no transparency. All of them take the same `IntensityRule`; colours chosen in a viewer are not read.
3. **Palette** entries become their colours. **White is zero** files are inverted.
4. **Transparency** (alpha channel, palette alpha, transparent colour) is composited on white in the file's own colours:
   round((c * a + 255 * (255 - a)) / 255).
5. **Colour.** An embedded ICC profile is converted to sRGB (relative colorimetric, black-point compensation); a profile that moves
   no colour by more than two levels counts as sRGB and changes nothing; a broken one is ignored. Without a profile, CMYK and
   YCCK are converted by r = (255 - c) * (255 - k) / 255 and so on, everything else is taken for sRGB.
6. **Grey** becomes three equal channels.
7. **EXIF orientation** 1 to 8 is applied, so that the pixels are those of the physically turned file; a value outside is 1.

More than `MAX_PIXELS` and files over `MAX_FILE_BYTES` are refused before they are decoded.
`decode_image(..., at_least_px=n)` may let libjpeg decode a JPEG at 1/2, 1/4 or 1/8 scale while its short side stays >= n;
everything else of the rule is the same. Evaluation, prediction and export never pass it.
"""

import io
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, UnidentifiedImageError

from tlstudio.datasets import kinds, reasons
from tlstudio.datasets.colour import to_rgb
from tlstudio.datasets.deep import DeepValues, to_eight_bits, values_held
from tlstudio.datasets.dicom import read_first_frame
from tlstudio.datasets.tiff import read_first_page
from tlstudio.datasets.tiff_channels import MOST_SHOWN, channel_pages, may_have_channels
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError

DECODER_VERSION = 2
"""Part of the key of every cache of pixels or features: raised whenever a pixel of any file changes."""
MAX_PIXELS = 120_000_000
MAX_FILE_BYTES = 1 << 30

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP", "PPM", "JPEG2000", "AVIF")
_NAMES = {"MPO": "JPEG", "DIB": "BMP", "WEBP": "WebP", "PPM": "PNM", "JPEG2000": "JPEG 2000"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_BITS_PER_SAMPLE = 258
_SAMPLE_FORMAT = 339
_EXTRA_SAMPLES = 338
_DESCRIPTION = 270
_ALPHA = (1, 2)
_NUM_BRIGHT = {"L": 1, "LA": 1, "RG": 2, "RGB": 3, "RGBA": 3}
"""Values a pixel that are brightness; the rest is alpha or ink."""

# Pillow warns at its own limit and refuses at twice that; ours is checked before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """`pixels`: uint8[H, W, 3], sRGB, writable. `width_px`, `height_px`: of the whole image after turning."""

    pixels: npt.NDArray[np.uint8]
    format: str
    width_px: int
    height_px: int
    held: DeepValues | None = None
    """For images deeper than 8 bits: what they held before the rule."""
    group: str = ""
    """What the file itself says it belongs to: the patient of a DICOM file, as a hash."""


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """One image after steps 1 to 3: an 8-bit mode of Pillow with everything the later steps need."""

    image: Image.Image
    format: str
    orientation: int
    icc_profile: bytes | None
    full_size: tuple[int, int]
    held: DeepValues | None = None
    group: str = ""


def decode_image(source: Path | bytes, rule: IntensityRule, *, at_least_px: int | None = None) -> Decoded:
    """The canonical pixels of a file or of its bytes. Raises `TLStudioError` with the precise reason where there are none."""
    data = source if isinstance(source, bytes) else read_file(source)
    with faults_told(data) as kind:
        return _decode(data, kind, rule, at_least_px)


@contextmanager
def faults_told(data: bytes) -> Iterator[str | None]:
    """Gives the kind of the bytes; whatever decoding them raises inside becomes a `TLStudioError` with the precise reason."""
    kind = kinds.image_kind(data)
    _refuse_what_holds_no_image(data, kind)
    try:
        yield kind
    except TLStudioError:
        raise
    except MemoryError as error:
        raise reasons.needs_too_much_memory() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _bomb(data) from error
    except Exception as error:
        # Damaged files make the decoders raise anything: OSError, ValueError, SyntaxError, struct.error, IndexError …
        raise _why(data, kind, error) from error


def read_file(path: Path) -> bytes:
    """The whole file. Raises `TLStudioError` where it is not there, not readable, not a plain file or too big."""
    try:
        with open(path, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise reasons.is_not_an_image()
            if status.st_size > MAX_FILE_BYTES:
                raise reasons.is_too_big(status.st_size, MAX_FILE_BYTES)
            # Nearly always in one call of the system; with each the threads that read queue for the interpreter's lock again.
            data = file.read(status.st_size + 1)
            return data if len(data) == status.st_size else data + file.read()
    except OSError as error:
        raise reasons.of_os_error(error) from error


def _decode(data: bytes, kind: str | None, rule: IntensityRule, at_least_px: int | None) -> Decoded:
    opened = _opened(data, kind, rule, at_least_px)
    image = to_rgb(opened.image, opened.icc_profile)
    turn = _TURNS.get(opened.orientation)
    if turn is not None:
        image = image.transpose(turn)
    width, height = opened.full_size if opened.orientation < 5 else reversed(opened.full_size)
    pixels = np.array(image)
    return Decoded(pixels=pixels, format=opened.format, width_px=width, height_px=height, held=opened.held, group=opened.group)


def _opened(data: bytes, kind: str | None, rule: IntensityRule, at_least_px: int | None) -> _Opened:
    if kind == "DICOM":
        return _dicom(data, rule)
    try:
        file = open_header(data)
    except UnidentifiedImageError:
        if kind != "TIFF":
            raise
        return _deep_tiff(data, rule)  # 16-bit floats, BigTIFF variants and the like
    with file:
        return _eight_bits(file, data, rule, at_least_px)


def open_header(data: bytes) -> ImageFile.ImageFile:
    """Header only, allowed formats only, within the pixel limit."""
    file = Image.open(io.BytesIO(data), formats=FORMATS)
    if file.width * file.height > MAX_PIXELS:
        file.close()
        raise reasons.has_too_many_pixels(file.width, file.height, MAX_PIXELS)
    return file


def _format_name(file: ImageFile.ImageFile) -> str:
    number = _num_frames(file) if file.format in ("TIFF", "GIF", "WEBP", "PNG", "AVIF") else 1
    return _said(_NAMES.get(file.format or "", file.format or ""), number)


def _num_frames(file: ImageFile.ImageFile) -> int:
    """1 where the file is too damaged to say; the first one may be whole all the same."""
    try:
        number = int(getattr(file, "n_frames", 1))
        file.seek(0)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, KeyError, TypeError):
        return 1
    return number


def _said(name: str, number: int) -> str:
    return f"{name}, first of {number}" if number > 1 else name


def _eight_bits(file: ImageFile.ImageFile, data: bytes, rule: IntensityRule, at_least_px: int | None) -> _Opened:
    if file.format == "PNG" and data[24:25] == b"\x10":
        return _deep_png(file, data, rule)
    if file.format == "TIFF" and _is_beyond_pillow(file):
        return _deep_tiff(data, rule)
    name, full_size = _format_name(file), file.size
    if at_least_px is not None and file.format in ("JPEG", "MPO"):
        shrink_while_decoding(file, at_least_px)
    try:
        file.load()
    except OSError:
        if file.format == "TIFF":  # a compression that libtiff was built without
            return _deep_tiff(data, rule)
        raise
    values = _deep_values(file)
    return _Opened(
        image=file if values is None else Image.fromarray(to_eight_bits(values, rule)),
        format=name,
        orientation=orientation_of(file),
        icc_profile=file.info.get("icc_profile"),
        full_size=file.size if file.format == "TIFF" else full_size,  # Pillow turns TIFFs by itself
        held=None if values is None else values_held(values),
    )


def shrink_while_decoding(file: ImageFile.ImageFile, at_least_px: int) -> None:
    """Let a JPEG that is not loaded yet be decoded at a fraction of its size, the smallest whose short side is at least so long."""
    scale = at_least_px / max(1, min(file.size))
    file.draft(None, (int(file.width * scale), int(file.height * scale)))


def _deep_values(file: Image.Image) -> npt.NDArray[np.generic] | None:
    """The values of Pillow's modes deeper than 8 bits; None for the others."""
    if not file.mode.startswith(("I", "F")):
        return None
    values: npt.NDArray[np.generic] = np.asarray(file)
    # PNM: Pillow scales what lies between 8 and 16 bits to 0..65535
    return values.astype(np.uint16) if file.format == "PPM" and file.mode == "I" else values


def _deep_png(file: ImageFile.ImageFile, data: bytes, rule: IntensityRule) -> _Opened:
    """16 bits a channel: Pillow would keep only the upper byte of colours."""
    import imagecodecs

    name = _said("PNG, 16 bits", _num_frames(file))
    file.load()  # checks every chunk, and that the file is whole
    values: npt.NDArray[Any] = imagecodecs.png_decode(data)
    if values.dtype != np.uint16 or values.shape[:2] != (file.height, file.width):
        raise ValueError("the header of the PNG contradicts its pixels")
    channels = values[..., None] if values.ndim == 2 else values
    return _Opened(
        image=_image_of(channels, ("L", "LA", "RGB", "RGBA")[channels.shape[2] - 1], rule),
        format=name,
        orientation=orientation_of(file),
        icc_profile=file.info.get("icc_profile"),
        full_size=file.size,
        held=values_held(channels[..., : 3 if channels.shape[2] >= 3 else 1]),
    )


def _with_channels(number: int) -> str:
    return "TIFF" if number == 0 else f"TIFF, {number} channels" if number <= MOST_SHOWN else f"TIFF, {MOST_SHOWN} of {number} channels"


def _is_beyond_pillow(file: ImageFile.ImageFile) -> bool:
    tags: Any = getattr(file, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, (1,))
    if max(bits) > 8 or any(item != 1 for item in tags.get(_SAMPLE_FORMAT, (1,))):
        return True
    if len(bits) == 2 and not any(kind in _ALPHA for kind in tags.get(_EXTRA_SAMPLES, ())):
        return True
    description = str(tags.get(_DESCRIPTION, ""))
    return len(bits) == 1 and may_have_channels(description) and channel_pages(description, _num_frames(file)) is not None


def _deep_tiff(data: bytes, rule: IntensityRule) -> _Opened:
    page = read_first_page(data, max_pixels=MAX_PIXELS)
    image = _image_of(page.values, page.mode, rule, bits=page.bits, is_inverted=page.is_inverted)
    return _Opened(
        image=image,
        format=_said(_with_channels(page.num_channels), page.num_images),
        orientation=page.orientation if page.orientation in range(1, 9) else 1,
        icc_profile=page.icc_profile,
        full_size=image.size,
        held=values_held(page.values[..., : _NUM_BRIGHT.get(page.mode, 1)], bits=page.bits),
    )


def _dicom(data: bytes, rule: IntensityRule) -> _Opened:
    frame = read_first_frame(data, rule, max_pixels=MAX_PIXELS)
    image = Image.fromarray(frame.pixels)
    return _Opened(
        image=image,
        format=_said("DICOM", frame.num_frames),
        orientation=1,
        icc_profile=frame.icc_profile,
        full_size=image.size,
        held=frame.held,
        group=frame.group,
    )


def _image_of(
    values: npt.NDArray[np.generic], mode: str, rule: IntensityRule, *, bits: int | None = None, is_inverted: bool = False
) -> Image.Image:
    """Deep values [H, W, C] as an 8-bit image. The rule speaks of brightness: alpha and inks always take their whole range."""
    num_bright = _NUM_BRIGHT.get(mode, 0)
    bright = to_eight_bits(values[..., :num_bright], rule, bits=bits)
    rest = to_eight_bits(values[..., num_bright:], IntensityRule(), bits=bits)
    if is_inverted:
        bright = np.uint8(255) - bright
    height, width = values.shape[:2]
    if mode == "RG":
        mode, rest = "RGB", np.zeros((height, width, 1), np.uint8)
    return Image.frombytes(mode, (width, height), np.concatenate([bright, rest], axis=-1).tobytes())


def orientation_of(file: Image.Image) -> int:
    """1 to 8. A damaged EXIF block must not cost the picture."""
    try:
        value = file.getexif().get(_ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, struct.error, KeyError, TypeError, IndexError, AttributeError):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _refuse_what_holds_no_image(data: bytes, kind: str | None) -> None:
    if not data:
        raise reasons.is_empty()
    if kind is None and kinds.is_lfs_pointer(data):
        raise reasons.is_lfs_pointer()
    if kind is None and kinds.is_web_page(data):
        raise reasons.is_web_page()
    if kinds.ends_in_emptiness(data):
        raise reasons.is_cut_short("JPEG")


def _why(data: bytes, kind: str | None, error: Exception) -> TLStudioError:
    """What to say of bytes that made the decoders raise `error`."""
    if kind is None:
        other = kinds.other_kind(data)
        return reasons.is_other_kind(other) if other else reasons.is_not_an_image()
    words = str(error).lower()
    if not kinds.has_its_end(data, kind) or "truncated" in words or isinstance(error, EOFError):
        return reasons.is_cut_short(kind)
    if isinstance(error, UnidentifiedImageError) and len(data) < 256:
        return reasons.is_cut_short(kind)
    return reasons.is_damaged(kind, f"{type(error).__name__}: {error}")


def _bomb(data: bytes) -> TLStudioError:
    """The size such a file announces, read by hand where that is simple."""
    width, height = struct.unpack(">II", data[16:24]) if data[:4] == b"\x89PNG" and len(data) >= 24 else (0, 0)
    if width and height:
        return reasons.has_too_many_pixels(width, height, MAX_PIXELS)
    return reasons.announces_too_much(MAX_PIXELS)
