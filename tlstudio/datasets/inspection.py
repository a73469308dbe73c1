"""What the decoder process answers about one file, and how it finds that out."""

import io
import os
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from blake3 import blake3
from PIL import Image

from tlstudio.datasets import reasons
from tlstudio.datasets.decode import decode_image, read_file
from tlstudio.datasets.deep import DeepValues
from tlstudio.datasets.fingerprints import fingerprint_of
from tlstudio.datasets.fit import fit
from tlstudio.datasets.mask_pixels import MaskPart, mask_parts, mask_values
from tlstudio.datasets.quality import quality_of
from tlstudio.datasets.taken import taken_at
from tlstudio.domain.fingerprints import Fingerprint
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.quality import ImageQuality
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message

THUMBNAIL_PX = 256
_QUALITY = 85
_PNG_EFFORT = 1
"""A third of the time of the usual, for files about a tenth larger."""

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels of the upright image."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a decoder process is told first: the project's rule, and what it makes of each file."""

    rule: IntensityRule
    thumbnail_px: int = THUMBNAIL_PX
    fitted_for: Preprocessing | None = None
    """Where given, the pixels a network is shown are made instead of the thumbnail."""
    reads_masks: bool = False
    """The files are masks: what is asked for is the values of their pixels, not how they look."""
    crops: dict[bytes, tuple[Box, ...]] = {}
    """Where given, these parts of each file are cut out and nothing else is made; by the path as the system knows it."""


class Inspected(msgspec.Struct, frozen=True, kw_only=True):
    """One file, looked at. `reason` is None where it can be used; otherwise the size is 0 and there is no thumbnail."""

    path: Path
    content_hash: str = ""
    """blake3 of the bytes, hex; empty where they could not be read."""
    width_px: int = 0
    height_px: int = 0
    format: str = ""
    thumbnail: bytes = b""
    """JPEG of the canonical pixels, longest side at most as ordered."""
    fitted: bytes = b""
    """uint8[S, S, 3] where they were ordered; by the very rule of training and evaluation."""
    fingerprint: Fingerprint | None = None
    """Of the canonical pixels, at the thumbnail's scale where a JPEG was decoded smaller; None where there is no structure to compare."""
    quality: ImageQuality | None = None
    """Of the thumbnail before it becomes a JPEG; None for a file that cannot be used, and where another size was ordered."""
    reason: Message | None = None
    held: DeepValues | None = None
    """For images deeper than 8 bits: the values they hold."""
    group: str = ""
    """What the file itself says it belongs to: the patient of a DICOM file, as a hash."""
    parts: tuple[MaskPart, ...] = ()
    """Where a mask was ordered: what it holds, by value."""
    crops: tuple[bytes, ...] = ()
    """Where crops were ordered: each as a PNG of the canonical pixels, in the order of the boxes."""
    taken_at: float | None = None
    """When a camera took it, in seconds on its own clock; None where the file does not say."""


def inspect_file(path: Path, order: Order) -> Inspected:
    """Read, hash, decode by the canonical rule, make what was ordered. Never raises for a fault of the file."""
    if order.reads_masks:
        return _mask(path)
    if order.crops:
        return _cropped(path, order.rule, order.crops.get(os.fsencode(path), ()))
    if order.fitted_for is not None:
        return _fitted(path, order.rule, order.fitted_for)
    content_hash = ""
    try:
        data = read_file(path)
        content_hash = blake3(data).hexdigest()
        decoded = decode_image(data, order.rule, at_least_px=order.thumbnail_px)
    except TLStudioError as error:
        return Inspected(path=path, content_hash=content_hash, reason=error.title)
    small = shrunk(decoded.pixels, longest_px=order.thumbnail_px)
    return Inspected(
        path=path,
        content_hash=content_hash,
        width_px=decoded.width_px,
        height_px=decoded.height_px,
        format=decoded.format,
        thumbnail=_jpeg_of(small),
        fingerprint=fingerprint_of(decoded.pixels),
        quality=quality_of(small) if order.thumbnail_px == THUMBNAIL_PX else None,
        held=decoded.held,
        group=decoded.group,
        taken_at=taken_at(data),
    )


def _mask(path: Path) -> Inspected:
    try:
        values = mask_values(read_file(path))
        parts = mask_parts(values)
    except TLStudioError as error:
        return Inspected(path=path, reason=error.title)
    height, width = values.shape
    return Inspected(path=path, width_px=width, height_px=height, parts=parts)


def _cropped(path: Path, rule: IntensityRule, boxes: tuple[Box, ...]) -> Inspected:
    content_hash = ""
    try:
        data = read_file(path)
        content_hash = blake3(data).hexdigest()
        decoded = decode_image(data, rule)
        crops = tuple(_png(decoded.pixels[y : y + height, x : x + width]) for x, y, width, height in boxes)
    except MemoryError:
        return Inspected(path=path, content_hash=content_hash, reason=reasons.needs_too_much_memory().title)
    except TLStudioError as error:
        return Inspected(path=path, content_hash=content_hash, reason=error.title)
    return Inspected(path=path, content_hash=content_hash, width_px=decoded.width_px, height_px=decoded.height_px, crops=crops)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=_PNG_EFFORT)
    return buffer.getvalue()


def _fitted(path: Path, rule: IntensityRule, preprocessing: Preprocessing) -> Inspected:
    try:
        decoded = decode_image(path, rule)
    except TLStudioError as error:
        return Inspected(path=path, reason=error.title)
    pixels = fit(decoded.pixels, preprocessing)
    return Inspected(path=path, width_px=decoded.width_px, height_px=decoded.height_px, format=decoded.format, fitted=pixels.tobytes())


def shrunk(pixels: npt.NDArray[np.uint8], *, longest_px: int = THUMBNAIL_PX) -> Image.Image:
    """uint8[H, W, 3], longest side at most `longest_px`, never enlarged."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    image = Image.fromarray(pixels)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    return image


def _jpeg_of(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
