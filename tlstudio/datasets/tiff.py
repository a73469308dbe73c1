"""The first page of a TIFF that Pillow cannot read at full depth: 16-bit colour, integers and floats, rare compressions."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tlstudio.datasets import reasons

_UNASSOCIATED_ALPHA = 2
_ASSOCIATED_ALPHA = 1


@dataclass(frozen=True, kw_only=True)
class TiffPage:
    """`values`: any real dtype [H, W, C] with C = 1, 2 (grey, alpha), 3, 4 (RGB, alpha or CMYK)."""

    values: npt.NDArray[np.generic]
    mode: str
    """L, LA, RGB, RGBA or CMYK: what the channels mean."""
    bits: int
    is_inverted: bool
    """True where 0 is white."""
    orientation: int
    icc_profile: bytes | None
    num_pages: int


def read_first_page(data: bytes, *, max_pixels: int) -> TiffPage:
    """Read page 0. Raises `TLStudioError` where it is too large or cut short, and whatever tifffile raises on damage."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages.first
        width, height = int(page.imagewidth), int(page.imagelength)
        if width * height > max_pixels:
            raise reasons.has_too_many_pixels(width, height, max_pixels)
        ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
        if not ends or max(ends) > len(data):
            raise reasons.is_cut_short("TIFF")
        values, mode = _channels(page, page.asarray(maxworkers=1))
        profile = _tag(page, 34675, None)
        return TiffPage(
            values=values,
            mode=mode,
            bits=int(page.bitspersample),
            is_inverted=int(page.photometric) == 0,
            orientation=_tag(page, 274, 1),
            icc_profile=profile if isinstance(profile, bytes) else None,
            num_pages=len(file.pages),
        )


def _tag(page: Any, code: int, default: Any) -> Any:
    tag = page.tags.get(code)
    return default if tag is None else tag.value


def _channels(page: Any, values: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], str]:
    """The page's array as [H, W, C] and what its channels mean; depth slices beyond the first are left out."""
    if values.ndim == 2:
        values = values[..., None]
    while values.ndim > 3:
        values = values[0]
    if int(page.planarconfig or 1) == 2 and values.shape[0] == int(page.samplesperpixel) and page.samplesperpixel > 1:
        values = np.moveaxis(values, 0, -1)
    if int(page.photometric) == 3 and page.colormap is not None:
        return _through_colormap(values[..., 0], page.colormap), "RGB"
    number = values.shape[2]
    has_alpha = any(int(kind) in (_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA) for kind in page.extrasamples or ())
    if int(page.photometric) == 5 and number >= 4:
        return values[..., :4], "CMYK"
    if number >= 4 and has_alpha:
        return _unassociated(page, values[..., :4]), "RGBA"
    if number == 2 and has_alpha:
        return _unassociated(page, values), "LA"
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
