"""The numbers by which blank, dark, over-exposed and blurred images are found: what they follow, and what they do not."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.inspection import THUMBNAIL_PX, Order, inspect_file, shrunk
from tlstudio.datasets.quality import QUALITY_VERSION, quality_of
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.quality import ImageQuality

Pixels = npt.NDArray[np.uint8]


def measured(pixels: Pixels) -> ImageQuality:
    return quality_of(shrunk(pixels))


def noise(height: int = 256, width: int = 256, *, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def cells(*, blur_px: float = 0.8, ground: float = 40, amplitude: float = 150) -> Pixels:
    """Discs on a ground, in focus or not; 256 x 256."""
    y, x = np.mgrid[:256, :256]
    random = np.random.default_rng(3)
    picture = np.zeros((256, 256))
    for row, column, radius in zip(*random.uniform(20, 236, (2, 30)), random.uniform(5, 14, 30), strict=True):
        picture[(x - column) ** 2 + (y - row) ** 2 < radius**2] = 255
    blurred = Image.fromarray(picture.astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur_px))
    grey = np.clip(np.rint(ground + np.asarray(blurred) / 255 * amplitude), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def sharpness(pixels: Pixels) -> float:
    value = measured(pixels).sharpness
    assert value is not None
    return value


@pytest.mark.parametrize("blur_px", [1.0, 1.5, 2.0, 3.0])
def test_sharpness_is_read_in_pixels_of_blur(blur_px: float) -> None:
    assert sharpness(cells(blur_px=blur_px)) == pytest.approx(1 / (2 * blur_px**2), rel=0.35)


@pytest.mark.parametrize(("ground", "amplitude"), [(0, 255), (90, 60), (120, 25), (120, 12), (200, -90)])
def test_sharpness_does_not_follow_brightness_or_contrast(ground: float, amplitude: float) -> None:
    assert sharpness(cells(ground=ground, amplitude=amplitude)) == pytest.approx(sharpness(cells()), rel=0.15)


def test_a_picture_enlarged_is_blurred_and_one_made_smaller_is_not() -> None:
    photo = Image.fromarray(cells())
    large = np.asarray(photo.resize((64, 64), Image.Resampling.BOX).resize((256, 256), Image.Resampling.BICUBIC))
    small = np.asarray(photo.resize((128, 128), Image.Resampling.BOX))
    assert sharpness(large) < 0.5 * sharpness(np.asarray(photo))
    assert sharpness(small) > 0.8 * sharpness(np.asarray(photo))


def test_brightness_follows_the_strongest_channel_and_leaves_out_what_is_tiny() -> None:
    stained = np.zeros((100, 100, 3), np.uint8)
    stained[40:60, 40:60, 2] = 250  # blue fluorescence is bright, though its luminance is 28
    assert measured(stained).brightest == 250
    assert measured(stained).contrast > 40
    night = np.full((100, 100, 3), 6, np.uint8)
    night[0, :5] = 255  # a glint
    assert (measured(night).darkest, measured(night).brightest) == (6, 6)


def test_a_blank_image_has_neither_contrast_nor_edges() -> None:
    page = measured(np.full((300, 200, 3), 255, np.uint8))
    assert (page.darkest, page.brightest, page.contrast, page.sharpness) == (255, 255, 0, None)
    sensor = np.random.default_rng(0).normal(20, 4, (960, 1280, 1)).clip(0, 255).astype(np.uint8)
    assert measured(np.repeat(sensor, 3, axis=2)).contrast < 2


@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 5))
def test_every_size_can_be_measured(height: int, width: int, seed: int) -> None:
    found = measured(noise(height, width, seed=seed))
    assert 0 <= found.darkest <= found.brightest <= 255
    assert 0 <= found.contrast <= 128
    assert (found.sharpness is None) or (found.sharpness >= 0)
    assert min(height, width) < 3 or max(height, width) > THUMBNAIL_PX or found.sharpness is not None
    assert found.version == QUALITY_VERSION


def test_the_decoder_process_measures_what_it_decodes_and_only_that(tmp_path: Path) -> None:
    Image.fromarray(cells(blur_px=2)).save(tmp_path / "cells.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with DecoderPool(IntensityRule(), workers=1) as pool:
        sound, broken = pool.inspect([tmp_path / "cells.png", tmp_path / "broken.png"])
    assert sound.quality == measured(cells(blur_px=2)) == inspect_file(tmp_path / "cells.png", Order(rule=IntensityRule())).quality
    assert broken.quality is None
    assert inspect_file(tmp_path / "cells.png", Order(rule=IntensityRule(), thumbnail_px=100)).quality is None, (
        "another size says other things"
    )
