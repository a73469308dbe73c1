"""The faster decoder of plain JPEGs: to the bit what the canonical rule makes, or nothing."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

from tlstudio.datasets import plain_jpeg as module
from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.plain_jpeg import plain_jpeg
from tlstudio.domain.intensity import IntensityRule

NOISE = np.random.default_rng(0).integers(0, 256, (75, 101, 3), dtype=np.uint8)
SMOOTH = np.asarray(Image.fromarray(NOISE[:5, :7]).resize((101, 75)))


def jpeg(mode: str = "RGB", pixels: np.ndarray = SMOOTH, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, "JPEG", **options)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("pixels", [NOISE, SMOOTH])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_plain_files_have_the_canonical_pixels(mode: str, subsampling: int, progressive: bool, pixels: np.ndarray) -> None:
    data = jpeg(mode, pixels, subsampling=subsampling, progressive=progressive, quality=80)
    found = plain_jpeg(data)
    assert found is not None
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, decode_image(data, IntensityRule()).pixels)


@pytest.mark.parametrize("subsampling", ["440", "411"])
def test_chroma_of_cameras_has_the_canonical_pixels(subsampling: str) -> None:
    data = imagecodecs.jpeg8_encode(NOISE, level=80, subsampling=subsampling)
    found = plain_jpeg(data)
    assert found is not None
    np.testing.assert_array_equal(found, decode_image(data, IntensityRule()).pixels)


def test_files_of_the_real_world_have_the_canonical_pixels(shared: Path) -> None:
    files = [file for folder in ("hymenoptera", "bccd", "flowers5") for file in sorted((shared / "data" / folder).rglob("*.jpg"))[::40]]
    num_taken = 0
    for file in files:
        data = file.read_bytes()
        found = plain_jpeg(data)
        if found is not None:
            num_taken += 1
            np.testing.assert_array_equal(found, decode_image(data, IntensityRule()).pixels, err_msg=file.name)
    assert num_taken > len(files) / 2 > 10


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(exif=exif)


@pytest.mark.parametrize(
    "data",
    [
        _turned(),
        jpeg("CMYK"),
        jpeg(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()),
        jpeg()[:-200],
        jpeg()[:300] + bytes(600),
        b"\xff\xd8\xff" + bytes(40),
        b"",
    ],
    ids=["turned", "inks", "profile", "cut short", "empty tail", "damaged", "empty"],
)
def test_everything_else_is_left_to_the_rule(data: bytes) -> None:
    assert plain_jpeg(data) is None


def test_a_file_that_is_decoded_at_a_fraction_of_its_size_is_left_to_the_rule() -> None:
    assert plain_jpeg(jpeg(), at_least_px=37) is None
    assert plain_jpeg(jpeg(), at_least_px=38) is not None


def test_where_the_libraries_disagree_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module._decoded
    monkeypatch.setattr(module, "_decoded", lambda data: real(data) ^ 1)
    module._agrees.cache_clear()
    try:
        assert plain_jpeg(jpeg()) is None
    finally:
        module._agrees.cache_clear()


def test_a_decoder_of_another_version_leaves_all_to_the_rule_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def other(_data: bytes) -> np.ndarray:
        raise TypeError("unexpected keyword argument 'outcolorspace'")

    monkeypatch.setattr(module, "_decoded", other)
    module._agrees.cache_clear()
    try:
        with caplog.at_level("INFO", module.log.name):
            assert plain_jpeg(jpeg()) is None
            assert plain_jpeg(jpeg()) is None
        assert caplog.text.count("outcolorspace") == 1
    finally:
        module._agrees.cache_clear()
