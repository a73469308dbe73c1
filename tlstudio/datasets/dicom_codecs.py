"""Compressed frames of DICOM files: which transfer syntaxes are read, and the stored values in one frame.

All go through imagecodecs, never through whatever plug-in of pydicom happens to be installed: pixels must not depend on that.
"""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

_JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
_LOSSLESS_JPEG = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
_JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
_JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_HIGH_THROUGHPUT = ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203")
_RLE = ("1.2.840.10008.1.2.5",)
READ = frozenset((*_JPEG, *_LOSSLESS_JPEG, *_JPEG_LS, *_JPEG_2000, *_HIGH_THROUGHPUT, *_RLE))
"""UIDs of the compressed transfer syntaxes that `decode_frame` reads."""
COLOURS_ARE_TURNED = frozenset((*_JPEG,))
"""UIDs of those whose YBR colours come back as RGB, beside the reversible and irreversible transforms of JPEG 2000."""
_RLE_HEADER = struct.Struct("<16I")


def decode_frame(frame: bytes, syntax: str, *, shape: tuple[int, int, int], num_bytes: int, is_rgb: bool) -> npt.NDArray[np.generic]:
    """The stored values of one frame, u8, u16 or i16 [H, W, C], `shape` being what the file's header says.

    `num_bytes`: of one value, which RLE alone does not know. `is_rgb`: the header says that the colours need no turning.
    Raises `ValueError` where the frame announces another size (before it is decoded), and whatever imagecodecs raises on damage.
    """
    values = _decoded(frame, syntax, shape=shape, num_bytes=num_bytes, is_rgb=is_rgb)
    if values.shape not in (shape, shape[:2] if shape[2] == 1 else shape):
        raise ValueError("the frame has another shape than the header says")
    return values.reshape(shape)


def _decoded(frame: bytes, syntax: str, *, shape: tuple[int, int, int], num_bytes: int, is_rgb: bool) -> npt.NDArray[Any]:
    import imagecodecs

    if syntax in _RLE:
        return _from_rle(frame, shape, num_bytes)
    is_wavelet = syntax in _JPEG_2000 or syntax in _HIGH_THROUGHPUT
    announced = _size_in_codestream(frame) if is_wavelet else _size_in_jpeg(frame)
    if announced != shape[:2]:
        raise ValueError("the frame announces another size than the header")
    decoded: npt.NDArray[Any]
    if is_wavelet:
        decoded = imagecodecs.jpeg2k_decode(frame) if syntax in _JPEG_2000 else imagecodecs.htj2k_decode(frame)
    elif syntax in _JPEG_LS:
        decoded = imagecodecs.jpegls_decode(frame)
    elif shape[2] == 3 and (syntax in _LOSSLESS_JPEG or not _says_its_colours(frame)):
        is_as_stored = is_rgb or syntax in _LOSSLESS_JPEG
        decoded = imagecodecs.jpeg8_decode(frame, colorspace="RGB" if is_as_stored else "YCBCR", outcolorspace="RGB")
    else:
        decoded = imagecodecs.jpeg8_decode(frame)
    return decoded


def _says_its_colours(frame: bytes) -> bool:
    """Whether a JFIF or Adobe marker stands in the head; libjpeg then knows better than the file's header."""
    head = frame[:4096]
    return b"JFIF\0" in head or b"Adobe\0" in head


def _size_in_jpeg(frame: bytes) -> tuple[int, int] | None:
    """Height and width from the start-of-frame marker of a JPEG or JPEG-LS; None where there is none."""
    place = 2
    while place + 9 <= len(frame):
        if frame[place] != 0xFF:
            return None
        marker = frame[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            height, width = struct.unpack_from(">HH", frame, place + 5)
            return height, width
        place += 2 + struct.unpack_from(">H", frame, place + 2)[0]
    return None


def _size_in_codestream(frame: bytes) -> tuple[int, int] | None:
    """Height and width from the SIZ segment of a JPEG 2000 codestream, bare or wrapped as JP2; None where there is none."""
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)
    if start < 0 or start + 24 > len(frame):
        return None
    right, bottom, left, top = struct.unpack_from(">4I", frame, start + 8)
    return bottom - top, right - left


def _from_rle(frame: bytes, shape: tuple[int, int, int], num_bytes: int) -> npt.NDArray[Any]:
    """PS3.5 annex G: one packed segment for each byte of each sample, the highest byte first."""
    import imagecodecs

    height, width, samples = shape
    number, *offsets = _RLE_HEADER.unpack_from(frame)
    if number != samples * num_bytes or number > len(offsets):
        raise ValueError("another number of RLE segments than the header says")
    ends = [*offsets[1:number], len(frame)]
    planes = np.empty((samples, num_bytes, height * width), np.uint8)
    for index, (start, end) in enumerate(zip(offsets[:number], ends, strict=True)):
        unpacked = imagecodecs.packbits_decode(frame[start:end])
        planes[index // num_bytes, index % num_bytes] = np.frombuffer(unpacked, np.uint8, height * width)
    whole = np.ascontiguousarray(np.moveaxis(planes, 1, -1)).view(f">u{num_bytes}")[..., 0]
    return np.moveaxis(whole.reshape(samples, height, width), 0, -1).astype(f"u{num_bytes}")
