"""Of moving pictures the first frame is taken, whole, and the number of frames is said."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tlstudio.datasets.decode import decode_image
from tlstudio.domain.intensity import IntensityRule

RANGE = IntensityRule()


def animated(format: str, frames: list[Image.Image], **options: object) -> bytes:
    buffer = io.BytesIO()
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], **options)
    return buffer.getvalue()


@pytest.mark.parametrize(("format", "name"), [("GIF", "GIF"), ("WEBP", "WebP"), ("PNG", "PNG")])
def test_the_first_frame_is_whole_and_the_number_is_said(format: str, name: str) -> None:
    base = np.zeros((12, 20, 3), np.uint8)
    base[2:6, 3:9] = (255, 0, 0)
    frames = [Image.fromarray(np.roll(base, shift, axis=1)) for shift in range(5)]
    options: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
    decoded = decode_image(animated(format, frames, **options), RANGE)
    assert decoded.format == f"{name}, first of 5"
    assert np.array_equal(decoded.pixels, base)


def test_transparent_parts_of_a_moving_picture_lie_on_white() -> None:
    frame = np.zeros((6, 6, 4), np.uint8)
    frame[1:3, 1:3] = (0, 0, 255, 255)
    frames = [Image.fromarray(frame), Image.fromarray(np.roll(frame, 2, axis=0))]
    expected = np.full((6, 6, 3), 255, np.uint8)
    expected[1:3, 1:3] = (0, 0, 255)
    for format in ("WEBP", "PNG", "GIF"):
        options: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
        assert np.array_equal(decode_image(animated(format, frames, **options), RANGE).pixels, expected), format


def test_the_picture_for_those_who_know_no_animation_is_the_first() -> None:
    """An APNG may bring a default image that is no part of the animation: any other program shows it, so it is taken."""
    frames = [Image.new("RGB", (5, 4), colour) for colour in ("blue", "red", "lime")]
    data = animated("PNG", frames, default_image=True)
    assert decode_image(data, RANGE).pixels[0, 0].tolist() == [0, 0, 255]


def test_a_gif_whose_first_frame_is_smaller_than_its_canvas() -> None:
    header = b"GIF89a" + struct.pack("<HHBBB", 4, 3, 0x80, 0, 0) + bytes([10, 20, 30, 200, 100, 50])
    block = b"," + struct.pack("<HHHHB", 1, 1, 2, 1, 0) + bytes([2, 2, 0x4C, 0x0A, 0]) + b";"  # 2 x 1 pixels of colour 1
    pixels = decode_image(header + block, RANGE).pixels
    assert pixels.shape == (3, 4, 3)
    assert pixels[1, 1].tolist() == [200, 100, 50]


def test_sixteen_bits_of_a_moving_png_keep_their_depth() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" + struct.pack(">2H", 128, 65_535))
    parts = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, 0, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", 2, 0)),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 2, 1, 0, 0, 1, 10, 0, 0)),
        chunk(b"IDAT", rows),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 2, 1, 0, 0, 1, 10, 0, 0)),
        chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(b"\0" + bytes(4))),
        chunk(b"IEND", b""),
    ]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(parts)
    window = IntensityRule(kind="window", low=0, high=256)
    decoded = decode_image(data, window)
    assert decoded.pixels[0, :, 0].tolist() == [128, 255]
    assert decoded.format == "PNG, 16 bits, first of 2"
