"""F21: damaged files of twelve formats. Every one gets an answer within its time, and none takes the program with it."""

import io
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tlstudio.datasets.decoder import DecoderPool, Inspected
from tlstudio.domain.intensity import IntensityRule

SCENE = np.random.default_rng(3).integers(0, 256, (40, 48, 3), dtype=np.uint8)
SEED = 11


def saved(format: str, mode: str = "RGB", **options: object) -> Callable[[], bytes]:
    def make() -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(SCENE).convert(mode).save(buffer, format, **options)
        return buffer.getvalue()

    return make


def deep_tiff(**options: object) -> Callable[[], bytes]:
    def make() -> bytes:
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, SCENE.astype(np.uint16) * 257, photometric="rgb", **options)
        return buffer.getvalue()

    return make


def animated() -> bytes:
    buffer = io.BytesIO()
    frames = [Image.fromarray(np.roll(SCENE, shift, axis=0)) for shift in range(3)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {
    "jpeg": saved("JPEG"),
    "progressive jpeg": saved("JPEG", progressive=True, exif=Image.Exif().tobytes()),
    "cmyk jpeg": saved("JPEG", "CMYK"),
    "png": saved("PNG"),
    "palette png": saved("PNG", "P", transparency=3),
    "gif": animated,
    "tiff": saved("TIFF", compression="tiff_lzw"),
    "deep tiff": deep_tiff(),
    "deep packed tiff": deep_tiff(compression="zlib", predictor=True),
    "bmp": saved("BMP"),
    "webp": saved("WEBP"),
    "pnm": saved("PPM"),
    "jpeg 2000": saved("JPEG2000"),
    "avif": saved("AVIF"),
}


def mutated(data: bytes, random: np.random.Generator) -> bytes:
    """One of the ways files get damaged: flipped bits, overwritten, cut, swapped or repeated parts, lying numbers."""
    damaged = bytearray(data)
    place = int(random.integers(len(data)))
    length = int(random.integers(1, 64))
    match int(random.integers(7)):
        case 0:
            for spot in random.integers(0, len(data), int(random.integers(1, 20))):
                damaged[spot] ^= 1 << int(random.integers(8))
        case 1:
            damaged[place : place + length] = random.bytes(length)
        case 2:
            del damaged[place:]
        case 3:
            del damaged[place : place + length]
        case 4:
            damaged[place:place] = damaged[place : place + length] * int(random.integers(1, 30))
        case 5:  # numbers in headers
            head = int(random.integers(min(len(data), 120)))
            damaged[head : head + 4] = random.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\x80"])
        case 6:
            damaged[place : place + length] = bytes(length)
    return bytes(damaged)


def inspected(folder: Path, number: int) -> Iterator[Inspected]:
    """`number` damaged files, written and looked at."""
    random = np.random.default_rng(SEED)
    sound = {name: make() for name, make in FORMATS.items()}
    paths = []
    for index in range(number):
        name = list(sound)[index % len(sound)]
        path = folder / f"{index:05d} {name}.img"
        path.write_bytes(mutated(sound[name], random))
        paths.append(path)
    with DecoderPool(IntensityRule()) as pool:
        yield from pool.inspect(paths)


def check(folder: Path, number: int) -> None:
    started = time.monotonic()
    answers = list(inspected(folder, number))
    assert len(answers) == number
    for answer in answers:
        assert bool(answer.thumbnail) is (answer.reason is None), answer
        assert answer.reason is None or answer.reason.text()
    outcomes = Counter(answer.reason.id if answer.reason else "read" for answer in answers)
    assert outcomes["image.too_slow"] == 0, outcomes
    assert outcomes["image.crashed"] <= number // 1000, outcomes
    assert outcomes["read"] > number // 10, outcomes
    assert outcomes["image.damaged"] + outcomes["image.cut_short"] > number // 10, outcomes
    assert (time.monotonic() - started) / number < 0.5


def test_hundreds_of_damaged_files(tmp_path: Path) -> None:
    check(tmp_path, 700)


@pytest.mark.slow
def test_ten_thousand_damaged_files(tmp_path: Path) -> None:
    check(tmp_path, 10_000)
