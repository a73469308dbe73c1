"""The first image of a TIFF that Pillow cannot read whole: 16-bit colour, integers and floats, channels, rare compressions."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tlstudio.datasets import reasons
from tlstudio.datasets.tiff_channels import MOST_SHOWN, ChannelPages, channel_pages

_UNASSOCIATED_ALPHA = 2
_ASSOCIATED_ALPHA = 1
_MAX_BYTES = 2 << 30
"""Unpacked: depth slices and channels count, of which only a few are kept."""


@dataclass(frozen=True, kw_only=True)
class TiffPage:
    """`values`: any real dtype [H, W, C] with C = 1, 2 (grey, alpha; two channels), 3, 4 (RGB, alpha or CMYK)."""

    values: npt.NDArray[np.generic]
    mode: str
    """L, LA, RGB, RGBA, CMYK, or RG for two channels: what the values mean."""
    bits: int
    is_inverted: bool
    """True where 0 is white."""
    orientation: int
    icc_profile: bytes | None
    num_images: int
    """Of which this is the first: pages, or sets of pages that are the channels of one image."""
    num_channels: int = 0
    """Of which the first three are shown; 0 for what has colours or is grey."""


def read_first_page(data: bytes, *, max_pixels: int) -> TiffPage:
    """Read the first image. Raises `TLStudioError` where it is too large or cut short, and whatever tifffile raises on damage."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data), _multifile=False) as file:
        page: Any = file.pages.first
        _refuse_what_cannot_be(page, data, max_pixels)
        channels = channel_pages(str(_tag(page, 270, "")), len(file.pages)) if int(page.samplesperpixel) == 1 else None
        if channels is None:
            values, mode = _meaning(page, _as_rows(page))
            num_channels = int(page.samplesperpixel) if _are_channels(page) else 0
        else:
            values, mode = _side_by_side(file, channels, data, max_pixels)
            num_channels = channels.number
        profile = _tag(page, 34675, None)
        return TiffPage(
            values=values,
            mode=mode,
            bits=int(page.bitspersample),
            is_inverted=int(page.photometric) == 0,
            orientation=_tag(page, 274, 1),
            icc_profile=profile if isinstance(profile, bytes) else None,
            num_images=len(file.pages) if channels is None else max(1, len(file.pages) // channels.number),
            num_channels=num_channels,
        )


def _refuse_what_cannot_be(page: Any, data: bytes, max_pixels: int) -> None:
    width, height = int(page.imagewidth), int(page.imagelength)
    if width * height > max_pixels:
        raise reasons.has_too_many_pixels(width, height, max_pixels)
    if int(page.nbytes) > _MAX_BYTES:
        raise reasons.needs_too_much_memory()
    ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
    if not ends or max(ends) > len(data):
        raise reasons.is_cut_short("TIFF")


def _tag(page: Any, code: int, default: Any) -> Any:
    tag = page.tags.get(code)
    return default if tag is None else tag.value


def _side_by_side(file: Any, channels: ChannelPages, data: bytes, max_pixels: int) -> tuple[npt.NDArray[np.generic], str]:
    """Pages that are channels of one image, as [H, W, 2 or 3]."""
    parts = []
    for number in channels.pages:
        page = file.pages[number]
        _refuse_what_cannot_be(page, data, max_pixels)
        parts.append(_as_rows(page)[..., 0])
    if len({(part.shape, part.dtype) for part in parts}) > 1:
        raise ValueError("channels of different sizes")
    return np.stack(parts, axis=-1), "RGB" if len(parts) >= MOST_SHOWN else "RG"


def _as_rows(page: Any) -> npt.NDArray[np.generic]:
    """The page's array as [H, W, C]; depth slices beyond the first are left out."""
    values: npt.NDArray[np.generic] = page.asarray(maxworkers=1)
    if values.ndim == 2:
        return values[..., None]
    while values.ndim > 3:
        values = values[0]
    if int(page.planarconfig or 1) == 2 and values.shape[0] == int(page.samplesperpixel) and page.samplesperpixel > 1:
        values = np.moveaxis(values, 0, -1)
    return values


def _has_alpha(page: Any) -> bool:
    return any(int(kind) in (_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA) for kind in page.extrasamples or ())


def _are_channels(page: Any) -> bool:
    """Two or more grey values a pixel that are neither colours nor transparency."""
    return int(page.photometric) in (0, 1) and int(page.samplesperpixel) >= 2 and not _has_alpha(page)


def _meaning(page: Any, values: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], str]:
    """What the values [H, W, C] of one page are, and those of them that count."""
    if int(page.photometric) == 3 and page.colormap is not None:
        return _through_colormap(values[..., 0], page.colormap), "RGB"
    number = values.shape[2]
    if int(page.photometric) == 5 and number >= 4:
        return values[..., :4], "CMYK"
    if number >= 4 and _has_alpha(page):
        return _unassociated(page, values[..., :4]), "RGBA"
    if number == 2:
        return (_unassociated(page, values), "LA") if _has_alpha(page) else (values, "RG")
    if number >= 3:
        return values[..., :3], "RGB"
    return values[..., :1], "L"


def _through_colormap(indexes: npt.NDArray[np.generic], colormap: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """A TIFF's colour map holds 16-bit values, uint16[3, N]; files made carelessly put 8-bit ones there."""
    table = np.asarray(colormap).T
    eight = (table >> 8).astype(np.uint8) if table.max(initial=0) > 255 else table.astype(np.uint8)
    return eight[np.clip(indexes.astype(np.int64), 0, len(eight) - 1)]


def _unassociated(page: Any, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Colours with the alpha divided out, so that compositing is the same for both kinds."""
    if _ASSOCIATED_ALPHA not in [int(kind) for kind in page.extrasamples] or values.dtype.kind not in "uf":
        return values
    top = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)  # type: ignore[type-var]
    alpha = values[..., -1:].astype(np.float64)
    colours = np.clip(values[..., :-1].astype(np.float64) * (top / np.where(alpha > 0, alpha, 1.0)), 0, top)
    colours = colours if values.dtype.kind == "f" else np.floor(colours + 0.5)
    return np.concatenate([colours.astype(values.dtype), values[..., -1:]], axis=-1)
