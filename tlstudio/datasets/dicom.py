"""The first frame of a DICOM file (PS3.10), as 8 bits; and which patient it shows, as a hash that names nobody.

pydicom takes the file apart, it is imported here and only when a DICOM file is met. What it reads is limited to the tags below:
names, dates and the rest of the header are never looked at, and no error or warning of its own, which may quote values, gets out.
"""

import io
import logging
import struct
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from blake3 import blake3

from tlstudio.datasets import reasons
from tlstudio.datasets.deep import DeepValues, to_eight_bits, values_held
from tlstudio.datasets.dicom_codecs import COLOURS_ARE_TURNED, READ, decode_frame
from tlstudio.datasets.dicom_values import GreyScale, Window, grey_held, stored_values, to_brightness
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError

_TAGS = [
    *("SOPClassUID", "PatientID", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames"),
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "ICCProfile"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction"),
    *("TotalPixelMatrixColumns", "TotalPixelMatrixRows", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableDescriptor"),
    *("RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData"),
    *("PixelData", "FloatPixelData", "DoubleFloatPixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
]
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_DEFLATED = "1.2.840.10008.1.2.1.99"
_SYNTAX_ELEMENT = b"\x02\0\x10\0UI"
_MAX_BYTES = 2 << 30
_NOBODY = frozenset(
    ("", "0", "anon", "anonym", "anonymous", "anonymized", "anonymised", "deidentified", "none", "unknown", "patient", "test")
)
"""Identifiers that say only that somebody took the right one away; they would make one patient of all."""
_GROUP_CHARACTERS = 12


@dataclass(frozen=True, kw_only=True)
class DicomFrame:
    """`pixels`: uint8[H, W] or, in colour, uint8[H, W, 3]."""

    pixels: npt.NDArray[np.uint8]
    num_frames: int
    icc_profile: bytes | None
    held: DeepValues | None
    group: str
    """The patient, as a short hash; empty where the file does not say."""


def read_first_frame(data: bytes, rule: IntensityRule, *, max_pixels: int) -> DicomFrame:
    """Raises `TLStudioError` where the file holds no image, too large a one, one compressed in a way that is not known, or is cut
    short; `ValueError` where it is damaged. The size is checked before anything is unpacked."""
    try:
        return _read(data, rule, max_pixels)
    except (TLStudioError, MemoryError):
        raise
    except Exception as error:
        # Whatever pydicom says may quote the file; only the kind of error is passed on.
        raise ValueError(type(error).__name__) from None


def _read(data: bytes, rule: IntensityRule, max_pixels: int) -> DicomFrame:
    syntax = _syntax_of(data)
    if syntax == _DEFLATED:  # pydicom would unpack all of it at once, however large it becomes
        raise reasons.is_compressed_as(_name_of(syntax))
    header = _header(data)
    _refuse_what_cannot_be(header, syntax, max_pixels)
    frames = int(header.get("NumberOfFrames") or 1)
    colours = str(header.get("PhotometricInterpretation", "MONOCHROME2"))
    raw = _raw_values(header, syntax, frames, colours)
    group = _group_of(str(header.get("PatientID") or ""))
    if colours == "PALETTE COLOR":
        return DicomFrame(pixels=_through_palette(raw[..., 0], header), num_frames=frames, icc_profile=None, held=None, group=group)
    if raw.shape[2] >= 3:
        pixels, held = _in_colour(raw[..., :3], header, syntax, colours, rule)
        profile = header.get("ICCProfile")
        return DicomFrame(pixels=pixels, num_frames=frames, icc_profile=profile, held=held, group=group)
    scale = _grey_scale(header, is_float=raw.dtype.kind == "f")
    stored = raw[..., 0] if scale.is_float else _stored(raw[..., 0], header)
    lut = header.get("ModalityLUTSequence")
    if lut:
        from pydicom.pixels.processing import apply_modality_lut

        stored, scale = apply_modality_lut(stored, header), _after_lut(scale, lut)
    pixels = to_brightness(stored, scale, rule)
    if colours == "MONOCHROME1":
        pixels = np.uint8(255) - pixels
    return DicomFrame(pixels=pixels, num_frames=frames, icc_profile=None, held=grey_held(stored, scale), group=group)


def _syntax_of(data: bytes) -> str:
    """The transfer syntax from the head of the file, before anything is taken apart; empty where it is not said."""
    place = data.find(_SYNTAX_ELEMENT, 132, 132 + 4096)
    if place < 0 or place + 8 > len(data):
        return ""
    (length,) = struct.unpack_from("<H", data, place + 6)
    return data[place + 8 : place + 8 + length].rstrip(b"\0 ").decode("ascii", "replace")


def _header(data: bytes) -> Any:
    import pydicom.config

    # Both quote values of the file, and what a decoder says is kept in a log.
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module=r"(pydicom|tlstudio\.datasets\.dicom)(\.|$)")
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    return pydicom.dcmread(io.BytesIO(data), specific_tags=list(_TAGS))


def _name_of(uid: str) -> str:
    """The standard's name; a number that stands in no table is not repeated, for it is the file's own."""
    from pydicom.uid import UID

    name = UID(uid).name
    return name if name != uid else "an unknown kind"


def _refuse_what_cannot_be(header: Any, syntax: str, max_pixels: int) -> None:
    if not any(name in header for name in _PIXELS):
        kind = str(header.get("SOPClassUID") or header.file_meta.get("MediaStorageSOPClassUID") or "")
        is_image = not kind or "Rows" in header or "Image Storage" in _name_of(kind)
        raise reasons.is_cut_short("DICOM") if is_image else reasons.holds_no_picture(_name_of(kind))
    width, height = int(header.Columns), int(header.Rows)
    if width * height > max_pixels:
        raise reasons.has_too_many_pixels(width, height, max_pixels)
    whole = int(header.get("TotalPixelMatrixColumns") or 0), int(header.get("TotalPixelMatrixRows") or 0)
    if whole[0] > width or whole[1] > height:
        raise reasons.has_too_many_pixels(*whole, max_pixels) if whole[0] * whole[1] > max_pixels else reasons.is_whole_slide(*whole)
    if width * height * int(header.get("SamplesPerPixel", 1)) * (int(header.BitsAllocated) / 8) > _MAX_BYTES:
        raise reasons.needs_too_much_memory()
    if header.file_meta.TransferSyntaxUID.is_encapsulated and syntax not in READ:
        raise reasons.is_compressed_as(_name_of(syntax))


def _raw_values(header: Any, syntax: str, frames: int, colours: str) -> npt.NDArray[np.generic]:
    """The first frame as the file stores it, unpacked: any integer or float type [H, W, C]."""
    height, width, samples = int(header.Rows), int(header.Columns), int(header.get("SamplesPerPixel", 1))
    bits = int(header.BitsAllocated)
    if header.file_meta.TransferSyntaxUID.is_encapsulated:
        from pydicom.encaps import get_frame

        offsets = (header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths"))
        frame = get_frame(header.PixelData, 0, number_of_frames=frames, extended_offsets=offsets if all(offsets) else None)
        num_bytes = max(1, bits // 8)
        return decode_frame(frame, syntax, shape=(height, width, samples), num_bytes=num_bytes, is_rgb=colours == "RGB")
    pixels = next(header[name].value for name in _PIXELS if name in header)
    needed = height * width * (2 if colours == "YBR_FULL_422" else samples) * bits
    if len(pixels) * 8 < needed:
        raise reasons.is_cut_short("DICOM")
    from pydicom.pixels.decoders.base import get_decoder

    values, _ = get_decoder(header.file_meta.TransferSyntaxUID).as_array(header, index=0, raw=True)
    result: npt.NDArray[np.generic] = values.reshape(height, width, samples)
    return result


def _stored(raw: npt.NDArray[np.generic], header: Any) -> npt.NDArray[Any]:
    bits = int(header.BitsStored)
    if not 1 <= bits <= raw.dtype.itemsize * 8:
        raise ValueError("more bits are stored than there are")
    return stored_values(
        raw, bits=bits, high_bit=int(header.get("HighBit", bits - 1)), is_signed=bool(header.get("PixelRepresentation", 0))
    )


def _in_colour(
    raw: npt.NDArray[np.generic], header: Any, syntax: str, colours: str, rule: IntensityRule
) -> tuple[npt.NDArray[np.uint8], DeepValues | None]:
    bits = int(header.BitsStored)
    eight, held = raw.astype(np.uint8), None
    if bits > 8:
        stored = _stored(raw, header).astype(np.uint16 if bits <= 16 else np.uint32)
        eight, held = to_eight_bits(stored, rule, bits=bits), values_held(stored, bits=bits)
    if colours.startswith("YBR_FULL") and syntax not in COLOURS_ARE_TURNED:
        eight = _rgb(eight)
    return eight, held


def _rgb(ybr: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """PS3.3 C.7.6.3.1.2, full range."""
    luma, blue, red = (ybr[..., index].astype(np.float32) for index in range(3))
    blue, red = blue - 128, red - 128
    rgb = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=-1)
    eight: npt.NDArray[np.uint8] = np.floor(np.clip(rgb, 0, 255) + 0.5).astype(np.uint8)
    return eight


def _through_palette(raw: npt.NDArray[np.generic], header: Any) -> npt.NDArray[np.uint8]:
    """Tables of 16 bits hold colours of 8 bits times 256 or 257; the upper byte is right for both."""
    from pydicom.pixels.processing import apply_color_lut

    table = apply_color_lut(raw, header)
    eight: npt.NDArray[np.uint8] = table if table.dtype == np.uint8 else (table >> 8).astype(np.uint8)
    return eight[..., :3]


def _grey_scale(header: Any, *, is_float: bool) -> GreyScale:
    padding = header.get("PixelPaddingValue")
    slope = _number(_said_of_first(header, "PixelValueTransformationSequence", "RescaleSlope"), 1.0)
    return GreyScale(
        bits=int(header.BitsAllocated if is_float else header.BitsStored),
        is_signed=bool(header.get("PixelRepresentation", 0)),
        is_float=is_float,
        slope=slope if slope and np.isfinite(slope) else 1.0,
        intercept=_number(_said_of_first(header, "PixelValueTransformationSequence", "RescaleIntercept"), 0.0),
        window=_window(header),
        padding=padding if isinstance(padding, int) else None,
    )


def _after_lut(scale: GreyScale, lut: Any) -> GreyScale:
    """A table takes the place of slope and intercept; what comes out has the bits it names."""
    bits = int(lut[0].LUTDescriptor[2])
    return GreyScale(bits=bits, window=scale.window)


def _window(header: Any) -> Window | None:
    centre = _said_of_first(header, "FrameVOILUTSequence", "WindowCenter")
    width = _said_of_first(header, "FrameVOILUTSequence", "WindowWidth")
    if centre is None or width is None:
        return None
    function = str(_said_of_first(header, "FrameVOILUTSequence", "VOILUTFunction") or "LINEAR")
    window = Window(centre=_number(centre, np.nan), width=_number(width, np.nan), function=function)
    return window if window.is_valid else None


def _said_of_first(header: Any, sequence: str, name: str) -> Any:
    """What is said of the first frame: by the file as a whole, or in the functional groups of enhanced files."""
    places = [header]
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        first = (header.get(groups) or [None])[0]
        places += list(first.get(sequence) or [])[:1] if first is not None else []
    return next((place.get(name) for place in places if place.get(name) not in (None, "")), None)


def _number(value: Any, otherwise: float) -> float:
    """The first of several values."""
    if value is None:
        return otherwise
    first = value if isinstance(value, int | float | str) else next(iter(value), None)
    return otherwise if first is None else float(first)


def _group_of(patient: str) -> str:
    """The same for all images of one patient; whoever has only this cannot read the identifier from it."""
    name = patient.strip()
    if name.casefold() in _NOBODY:
        return ""
    return blake3(b"patient\0" + name.encode("utf-8", "replace")).hexdigest()[:_GROUP_CHARACTERS]
