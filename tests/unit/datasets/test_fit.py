"""The canonical square: its exact arithmetic."""

import numpy as np
import pytest
from PIL import Image

from tlstudio.datasets.fit import fit, resized_size
from tlstudio.domain.networks import Preprocessing

IMAGENET = Preprocessing()


@pytest.mark.parametrize(
    ("size", "crop_fraction", "expected"),
    [
        ((500, 375), 0.875, (341, 256)),  # 500 * 256 / 375 = 341.33
        ((375, 500), 0.875, (256, 341)),
        ((501, 376), 0.875, (341, 256)),
        ((100, 100), 0.9, (249, 249)),  # 224 / 0.9 = 248.9
        ((3, 2), 1.0, (336, 224)),
        ((5, 2), 0.95, (590, 236)),  # 224 / 0.95 = 235.8; 5 * 236 / 2 = 590
    ],
)
def test_the_short_side_and_the_long_side(size: tuple[int, int], crop_fraction: float, expected: tuple[int, int]) -> None:
    assert resized_size(size, Preprocessing(crop_fraction=crop_fraction)) == expected


def test_it_is_pillow_resize_then_centre_crop() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (61, 90, 3), dtype=np.uint8)
    resized = Image.fromarray(pixels).resize((378, 256), Image.Resampling.BICUBIC)
    expected = np.asarray(resized)[16 : 16 + 224, 77 : 77 + 224]
    assert np.array_equal(fit(pixels, IMAGENET), expected)


def test_a_picture_that_fits_already_is_not_resampled() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert np.array_equal(fit(pixels, IMAGENET), pixels[16:240, 16:240])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9000), (9000, 1), (2, 40_000)])
def test_extreme_shapes_give_the_same_square(shape: tuple[int, int]) -> None:
    square = fit(np.full((*shape, 3), 77, np.uint8), IMAGENET)
    assert square.shape == (224, 224, 3)
    assert (square == 77).all()


@pytest.mark.parametrize("name", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_named_interpolations_differ_and_all_work(name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3), dtype=np.uint8)
    square = fit(pixels, Preprocessing(input_size_px=32, interpolation=name))
    assert square.shape == (32, 32, 3)
    assert square.dtype == np.uint8


def test_what_makes_no_sense_is_refused() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ValueError, match="interpolation"):
        fit(pixels, Preprocessing(interpolation="guess"))
    with pytest.raises(ValueError, match="crop_fraction"):
        fit(pixels, Preprocessing(crop_fraction=1.5))
