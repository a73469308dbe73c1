"""F16, F20: files that are no usable image get a precise reason, and the rest goes on."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.inspection import Inspected
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def encoded(format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(NOISE).save(buffer, format, **options)
    return buffer.getvalue()


def deep_tiff() -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, NOISE.astype(np.uint16) * 257, photometric="rgb")
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


LFS = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
CASES: dict[str, tuple[bytes, str]] = {
    "empty.jpg": (b"", "image.empty"),
    "page.jpg": (b"<!DOCTYPE html>\n<html><body>404</body></html>", "image.web_page"),
    "page with blanks.png": (b"\n\n  <HTML lang='en'>not found</HTML>", "image.web_page"),
    "pointer.png": (LFS, "image.lfs_pointer"),
    "text.png": (b"just some words\n" * 20, "image.other_kind"),
    "drawing.png": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image.other_kind"),
    "archive.jpg": (b"PK\x03\x04" + bytes(100), "image.other_kind"),
    "document.png": (b"%PDF-1.7 and so on", "image.other_kind"),
    "phone.jpg": (b"\0\0\0\x18ftypheic" + bytes(100), "image.other_kind"),
    "scan.png": (bytes(128) + b"DICM" + bytes(100), "image.cut_short"),
    "random.png": (bytes(np.random.default_rng(1).integers(0, 256, 500, dtype=np.uint8)), "image.not_an_image"),
    "zeros.jpg": (bytes(5000), "image.not_an_image"),
    "half.jpg": (encoded("JPEG")[:1500], "image.cut_short"),
    "start.jpg": (encoded("JPEG")[:40], "image.cut_short"),
    "sparse.jpg": (encoded("JPEG", quality=90)[:3000] + bytes(4096), "image.cut_short"),
    "half.png": (encoded("PNG")[:4000], "image.cut_short"),
    "start.png": (encoded("PNG")[:20], "image.cut_short"),
    "half.gif": (encoded("GIF")[:2000], "image.cut_short"),
    "half.webp": (encoded("WEBP", lossless=True)[:4000], "image.cut_short"),
    "half.bmp": (encoded("BMP")[:4000], "image.cut_short"),
    "half.tif": (encoded("TIFF")[:4000], "image.cut_short"),
    "half deep.tif": (deep_tiff()[:9000], "image.cut_short"),
    "half.ppm": (encoded("PPM")[:4000], "image.cut_short"),
    "broken middle.png": (encoded("PNG")[:4000] + b"!" * 500 + encoded("PNG")[4500:], "image.damaged"),
    "bomb.png": (png_header(60_000, 60_000), "image.too_many_pixels"),
    "giant.png": (png_header(12_000, 11_000), "image.too_many_pixels"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Inspected]:
    """All cases through one decoder process, sound files in between."""
    folder = tmp_path_factory.mktemp("bad")
    paths: list[Path] = []
    for name, (data, _) in CASES.items():
        for path, content in ((folder / name, data), (folder / f"sound beside {name}", encoded("PNG"))):
            path.write_bytes(content)
            paths.append(path)
    with DecoderPool(IntensityRule(), workers=1) as pool:
        return {answer.path.name: answer for answer in pool.inspect(paths)}


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_called_by_its_name(name: str, answers: dict[str, Inspected]) -> None:
    answer = answers[name]
    assert answer.reason is not None
    assert answer.reason.id == CASES[name][1], answer.reason.text()
    assert answer.reason.text()
    assert not answer.thumbnail
    assert answer.content_hash
    assert answers[f"sound beside {name}"].reason is None


def test_the_words_name_the_kind(answers: dict[str, Inspected]) -> None:
    said = {name: answer.reason.text() for name, answer in answers.items() if answer.reason is not None}
    assert said["page.jpg"] == "The file is a web page, not an image."
    assert said["phone.jpg"] == "The file is a HEIC photo, not an image that can be read here."
    assert said["half.webp"] == "The WebP file is cut short: its end is missing."
    assert said["giant.png"] == "The image is too large: 12000 × 11000 pixels, the limit is 120 million."


def test_a_wrong_suffix_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("JPEG"))
    with DecoderPool(IntensityRule(), workers=1) as pool:
        (answer,) = pool.inspect([path])
    assert answer.reason is None
    assert answer.format == "JPEG"


def test_a_missing_or_forbidden_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(TLStudioError) as gone:
        decode_image(tmp_path / "gone.png", IntensityRule())
    assert gone.value.title.id == "image.missing"
    with pytest.raises(TLStudioError) as folder:
        decode_image(tmp_path, IntensityRule())
    assert folder.value.title.id in ("image.unreadable", "image.no_permission")


def test_a_broken_exif_block_costs_nothing(tmp_path: Path) -> None:
    data = bytearray(encoded("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0"))
    path = tmp_path / "exif.jpg"
    path.write_bytes(bytes(data))
    with DecoderPool(IntensityRule(), workers=1) as pool:
        (answer,) = pool.inspect([path])
    assert answer.reason is None


def gigapixel_tiff(*, deep: bool) -> bytes:
    """A small TIFF whose header says 40,000 x 40,000."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((16, 16), np.uint16 if deep else np.uint8), byteorder="<")
    data = bytearray(buffer.getvalue())
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        if struct.unpack_from("<H", data, entry)[0] in (256, 257):
            struct.pack_into("<HII", data, entry + 2, 4, 1, 40_000)
    return bytes(data)


BOMBS = """
import resource, struct
from tests.faults.test_bad_images import gigapixel_tiff, png_header
from tlstudio.datasets.decode import decode_image
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
bombs = {
    "largest PNG": png_header(2**31 - 1, 2**31 - 1),
    "PNG": png_header(100_000, 100_000),
    "PNM": b"P6 60000 60000 255\\n",
    "BMP": b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "TIFF": gigapixel_tiff(deep=False),
    "deep TIFF": gigapixel_tiff(deep=True),
}
for name, data in bombs.items():
    try:
        decode_image(data, IntensityRule())
    except TLStudioError as error:
        assert error.title.id in ("image.too_many_pixels", "image.bomb"), (name, error.title)
    else:
        raise SystemExit(name + " was decoded")
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
assert grown < 200, grown
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured by the system's own account")
def test_bombs_are_refused_before_they_are_decoded() -> None:
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run([sys.executable, "-c", BOMBS], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
