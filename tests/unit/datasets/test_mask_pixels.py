"""A mask's pixels are numbers: whatever kind of file holds them, the same numbers come out, and what changes numbers is refused."""

import io
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from tlstudio.datasets import mask_pixels, rle
from tlstudio.datasets.mask_pixels import mask_parts, mask_values
from tlstudio.errors import TLStudioError

VALUES = np.array([[0, 1, 1, 0], [0, 1, 0, 3], [2, 0, 0, 3]])


def encoded(image: Image.Image, format: str, **more: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **more)
    return buffer.getvalue()


def tiff(values: np.ndarray, **more: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **more)
    return buffer.getvalue()


def palette(values: np.ndarray) -> Image.Image:
    """Numbers 1, 2 and 3 in the colours that annotation programs give them."""
    image = Image.fromarray(values.astype(np.uint8))
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0] + [0] * 756)
    return image


@pytest.mark.parametrize(
    "data",
    [
        encoded(Image.fromarray(VALUES.astype(np.uint8)), "PNG"),
        encoded(Image.fromarray(VALUES.astype(np.uint16)), "PNG"),
        encoded(palette(VALUES), "PNG"),
        encoded(palette(VALUES), "GIF"),
        encoded(Image.fromarray(VALUES.astype(np.uint8)), "BMP"),
        encoded(Image.fromarray(np.repeat(VALUES[..., None], 3, axis=2).astype(np.uint8)), "PNG"),
        tiff(VALUES.astype(np.uint8), photometric="minisblack"),
        tiff(VALUES.astype(np.uint16)),
        tiff(VALUES.astype(np.int32), compression="zlib"),
        tiff(VALUES.astype(np.float32)),
    ],
)
def test_the_numbers_are_those_of_the_file(data: bytes) -> None:
    assert np.array_equal(mask_values(data), VALUES)


def test_sixteen_bits_are_kept() -> None:
    values = np.array([[0, 256, 257], [65535, 1, 0]], np.uint16)
    assert np.array_equal(mask_values(encoded(Image.fromarray(values), "PNG")), values)


def test_one_bit_and_transparency() -> None:
    assert mask_values(encoded(Image.fromarray(VALUES == 1), "PNG")).tolist() == (VALUES == 1).astype(int).tolist()
    grey = np.full((2, 2, 4), 9, np.uint8)
    grey[0, :, 3] = 0
    assert mask_values(encoded(Image.fromarray(grey), "PNG")).tolist() == [[0, 0], [9, 9]]


def test_each_colour_is_a_value_and_black_is_none() -> None:
    colours = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [1, 2, 3]], np.uint8)
    found = mask_values(encoded(Image.fromarray(colours[VALUES]), "PNG"))
    assert sorted({(int(one), int(other)) for one, other in zip(VALUES.ravel(), found.ravel(), strict=True)}) == [
        (0, 0),
        (1, 0xFF0000),
        (2, 0x00FF00),
        (3, 0x010203),
    ]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_mask_is_turned_like_an_image(orientation: int) -> None:
    image = Image.fromarray(VALUES.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    png = mask_values(encoded(image, "PNG", exif=exif))
    tif = mask_values(tiff(VALUES.astype(np.uint8), photometric="minisblack", extratags=[(274, 3, 1, orientation, True)]))
    assert np.array_equal(png, tif)
    assert png.shape == (VALUES.shape if orientation < 5 else VALUES.shape[::-1])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "image.empty"),
        (b"\x01\x02\x03" * 9, "image.not_an_image"),
        (encoded(Image.fromarray(VALUES.astype(np.uint8)), "JPEG"), "image.mask_lossy"),
        (encoded(Image.fromarray(VALUES.astype(np.uint8)), "PNG")[:-30], "image.cut_short"),
        (tiff(VALUES / 10), "image.mask_values"),
    ],
)
def test_what_cannot_be_a_mask_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(TLStudioError) as error:
        mask_values(data)
    assert error.value.title.id == reason


def test_a_photograph_is_no_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_pixels, "_MAX_PARTS", 200)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64))
    with pytest.raises(TLStudioError, match="fractions"):
        mask_parts(noise)


@given(arrays.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4)))
def test_parts_say_where_each_value_lies(values: np.ndarray) -> None:
    parts = mask_parts(values)
    assert [part.value for part in parts] == sorted(set(values.ravel().tolist()) - {0})
    for part in parts:
        runs = rle.unpack(part.counts)
        mask = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(values.shape, order="F")
        assert np.array_equal(mask, values == part.value)
        rows, columns = np.nonzero(mask)
        assert part.box == (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
        assert runs == rle.runs_of(mask)


def test_pieces() -> None:
    assert {part.value: part.is_one_piece for part in mask_parts(np.array([[1, 0, 2], [0, 1, 0], [3, 0, 2]]))} == {
        1: True,
        2: False,
        3: True,
    }


SOUND = [
    encoded(Image.fromarray(np.kron(VALUES, np.ones((8, 8))).astype(np.uint16)), "PNG"),
    encoded(palette(np.kron(VALUES, np.ones((8, 8)))), "PNG"),
    tiff(np.kron(VALUES, np.ones((8, 8))).astype(np.uint16), compression="zlib"),
    tiff(np.kron(VALUES, np.ones((8, 8))).astype(np.int32)),
]


@settings(max_examples=300)
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6), st.floats(0.2, 1))
@pytest.mark.filterwarnings("ignore")
def test_damaged_masks_are_read_or_refused_and_nothing_else(data: bytes, changes: list[tuple[int, int]], share: float) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    with suppress(TLStudioError):
        values = mask_values(bytes(damaged[: max(1, int(len(damaged) * share))]))
        for part in mask_parts(values):
            assert sum(rle.unpack(part.counts)) == values.size
