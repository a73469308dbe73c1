"""From the bytes of a mask to what it holds: a mask's pixels are numbers, so no rule of brightness or colour applies.

Grey and palette images: the stored number is the value. Colours: each colour is a value of its own, black is 0; three equal channels
are grey. What is wholly transparent is 0. PNG, TIFF, BMP, GIF and PNM keep their numbers; JPEG and the like change them and are refused.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from tlstudio.datasets import reasons, rle
from tlstudio.datasets.decode import MAX_PIXELS, faults_told, open_header
from tlstudio.datasets.tiff import read_first_page
from tlstudio.domain.regions import MaskPart

__all__ = ["MaskPart", "mask_parts", "mask_values"]

_EXACT = ("PNG", "TIFF", "BMP", "DIB", "GIF", "PPM")
_MAX_PARTS = 20_000
_MAX_RUNS = 2_000_000
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (1, True), 6: (3, False), 7: (3, True), 8: (1, False)}
"""Quarter turns to the left after mirroring left and right, or not, by EXIF orientation."""

Values = npt.NDArray[np.integer]


def mask_values(data: bytes) -> Values:
    """The numbers of the first image, integers[H, W] of any width. Raises `TLStudioError` where there are none."""
    with faults_told(data) as kind:
        if kind == "TIFF":
            return _of_tiff(data)
        with open_header(data) as file:
            if file.format not in _EXACT:
                raise reasons.is_no_mask(file.format or kind or "")
            return _of_image(file, data)


def _of_image(file: Image.Image, data: bytes) -> Values:
    file.load()  # checks that the file is whole
    if file.format == "PNG" and data[24:25] == b"\x10" and not file.mode.startswith("I"):
        import imagecodecs  # Pillow would keep only the upper byte of deep colours

        return _one_value(np.atleast_3d(imagecodecs.png_decode(data)), has_alpha=file.mode in ("LA", "RGBA"))
    turned = ImageOps.exif_transpose(file)
    if turned.mode not in ("1", "L", "P", "I", "LA", "RGB", "RGBA") and not turned.mode.startswith("I;16"):
        raise reasons.is_no_mask(f"{file.format} {turned.mode}")
    values = np.asarray(turned)
    return _one_value(np.atleast_3d(values.astype(np.uint8) if turned.mode == "1" else values), has_alpha=turned.mode in ("LA", "RGBA"))


def _of_tiff(data: bytes) -> Values:
    page = read_first_page(data, max_pixels=MAX_PIXELS)
    values = page.values
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    if values.dtype.kind == "f":
        if not np.array_equal(values, np.floor(values)) or values.min(initial=0) < 0 or values.max(initial=0) > 2**31:
            raise reasons.is_no_label_image(_MAX_PARTS)
        values = values.astype(np.int64)
    if values.dtype.kind not in "iu" or page.mode == "CMYK":
        raise reasons.is_no_mask(f"TIFF {values.dtype} {page.mode}")
    if page.is_inverted:
        values = (2**page.bits - 1) - values.astype(np.int64)
    turns, is_mirrored = _TURNS.get(page.orientation, (0, False))
    mirrored = values[:, ::-1] if is_mirrored else values
    return _one_value(np.rot90(mirrored, turns), has_alpha=page.mode in ("LA", "RGBA"))


def _one_value(values: npt.NDArray[np.generic], *, has_alpha: bool) -> Values:
    """[H, W, C] as [H, W]."""
    whole: npt.NDArray[Any] = values.astype(np.int64) if values.shape[2] > 1 else values
    colours = whole[..., :-1] if has_alpha else whole
    if colours.shape[2] > 1 and all(np.array_equal(colours[..., 0], colours[..., place]) for place in range(1, colours.shape[2])):
        colours = colours[..., :1]
    found: npt.NDArray[Any] = colours[..., 0]
    step = 256 if values.dtype == np.uint8 else 65536
    for place in range(1, colours.shape[2]):
        found = found * step + colours[..., place]
    return np.where(whole[..., -1] == 0, 0, found) if has_alpha else found


def mask_parts(values: Values) -> tuple[MaskPart, ...]:
    """Where each value but 0 lies, by value. Raises `TLStudioError` for what is no mask."""
    rows = values.shape[0]
    flat = values.ravel(order="F")
    if not flat.any():
        return ()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    ends = np.concatenate((starts[1:], [flat.size]))
    marked = flat[starts] != 0
    order = np.argsort(flat[starts][marked], kind="stable")
    starts, ends, found = starts[marked][order], ends[marked][order], flat[starts][marked][order]
    numbers, firsts = np.unique(found, return_index=True)
    if len(numbers) > _MAX_PARTS or len(found) > _MAX_RUNS:
        raise reasons.is_no_label_image(_MAX_PARTS)
    spans = zip(firsts, [*firsts[1:], len(found)], strict=True)
    return tuple(
        _part(int(number), values, starts[first:last], ends[first:last], rows) for number, (first, last) in zip(numbers, spans, strict=True)
    )


def _part(number: int, values: Values, starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp], rows: int) -> MaskPart:
    edges = np.stack((starts, ends), axis=1).ravel()
    runs = np.diff(edges, prepend=0).tolist()
    if int(ends[-1]) < values.size:
        runs.append(values.size - int(ends[-1]))
    x, y, width, height = rle.bounds(runs, rows)
    is_one_piece = _is_one_piece(values[y : y + height, x : x + width] == number)
    return MaskPart(value=number, counts=rle.pack(runs), box=(x, y, width, height), is_one_piece=is_one_piece)


def _is_one_piece(mask: npt.NDArray[np.bool_]) -> bool:
    """Whether bool[H, W] hangs together, corners included."""
    from scipy import ndimage

    return int(ndimage.label(mask, structure=np.ones((3, 3), np.uint8))[1]) == 1
