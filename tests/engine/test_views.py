"""Training views: keyed, within the picture, and the same however they are made."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance

from tests.engine.folders import manifest_of
from tlstudio.datasets.fit import fit
from tlstudio.datasets.training_views import recoloured, training_preprocessing, view
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import Augmentation, ViewRule
from tlstudio.domain.splits import Split
from tlstudio.engine.data.fast_views import fast_fit, fast_view
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Reader, Skipped

SMOOTH = np.asarray(Image.fromarray(np.random.default_rng(1).integers(0, 256, (12, 12, 3), dtype=np.uint8)).resize((74, 74)))
PICTURE = np.random.default_rng(0).integers(0, 256, (74, 74, 3), dtype=np.uint8)


def look(kind: str = "light", *, rule: ViewRule = 2, seed: int = 0, epoch: int = 0, sample: int = 0) -> np.ndarray:
    key = {"seed": seed, "epoch": epoch, "sample": sample}
    return view(PICTURE, kind, rule=rule, size_px=64, interpolation="bicubic", **key)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", [1, 2])
@pytest.mark.parametrize("kind", ["light", "moderate"])
def test_the_same_key_gives_the_same_view_and_any_other_another(kind: str, rule: ViewRule) -> None:
    first = look(kind, rule=rule)
    np.testing.assert_array_equal(first, look(kind, rule=rule))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    for other in (look(kind, rule=rule, seed=1), look(kind, rule=rule, epoch=1), look(kind, rule=rule, sample=1)):
        assert not np.array_equal(first, other)


@pytest.mark.parametrize(("kind", "hash"), [("light", "9733e4e14068a85d"), ("moderate", "4ce620c8485d2537")])
def test_views_of_earlier_recipes_are_to_the_bit_what_they_were(kind: str, hash: str) -> None:
    views = np.stack([look(kind, rule=1, sample=sample) for sample in range(8)])
    assert hashlib.sha256(views.tobytes()).hexdigest()[:16] == hash


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos", "nearest"])
@pytest.mark.parametrize("kind", ["none", "light", "moderate"])
def test_fast_views_are_those_of_the_rule_to_a_level_or_two(kind: Augmentation, interpolation: str) -> None:
    for sample in range(12):
        key = {"size_px": 64, "interpolation": interpolation, "seed": 0, "epoch": 0, "sample": sample}
        difference = fast_view(SMOOTH, kind, **key) - view(SMOOTH, kind, rule=2, **key).astype(int)
        assert np.abs(difference).max() <= 3
        assert np.abs(difference).mean() < 0.3


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("shape", [(50, 70), (200, 90), (300, 10), (1, 1), (74, 74)])
def test_fast_squares_are_the_exact_ones_to_a_level_or_two(shape: tuple[int, int], interpolation: str) -> None:
    picture = np.asarray(Image.fromarray(SMOOTH).resize(shape)).copy()
    preprocessing = Preprocessing(input_size_px=48, interpolation=interpolation)
    difference = fast_fit(picture, preprocessing) - fit(picture, preprocessing).astype(int)
    assert difference.shape == (48, 48, 3)
    assert np.abs(difference).max() <= 3


def test_colours_change_as_in_three_steps() -> None:
    colours = (0.9, 1.2, 0.8)
    image = Image.fromarray(SMOOTH // 2 + 50)  # nothing is clipped on the way
    steps = image
    for change, factor in zip((ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color), colours, strict=True):
        steps = change(steps).enhance(factor)
    at_once = recoloured(np.asarray(image), colours)
    assert np.abs(at_once.astype(int) - np.asarray(steps)).max() <= 3


def test_without_augmentation_it_is_the_centre_that_evaluation_sees() -> None:
    np.testing.assert_array_equal(look("none"), PICTURE[5:69, 5:69])


def test_moderate_changes_colours_and_light_does_not() -> None:
    def spread(kind: str) -> float:
        return float(np.std([look(kind, sample=sample).mean() for sample in range(30)]))

    assert spread("moderate") > 3 * spread("light")


@pytest.mark.parametrize(("fraction", "expected"), [(0.8, 280), (1.0, 258), (0.5, 448)])
def test_training_pictures_have_a_margin_at_the_scale_of_evaluation(fraction: float, expected: int) -> None:
    made = training_preprocessing(Preprocessing(input_size_px=224, crop_fraction=fraction))
    assert made.input_size_px == expected
    assert made.crop_fraction == 1.0


@pytest.fixture
def loader(make_images, tmp_path: Path):
    images = make_images({"bars": 12, "discs": 12})
    manifest = manifest_of(images)
    skipped = Skipped(num_entries=24)

    def make(*, threads: int = 1) -> Loader:
        reader = Reader(roots={"1": str(images)}, intensity=IntensityRule())
        preprocessing = training_preprocessing(Preprocessing(input_size_px=48))
        return Loader(
            entries=manifest.of(Split.TRAIN),
            pixels=PixelCache(tmp_path / "cache", reader=reader, preprocessing=preprocessing, views=2),
            skipped=skipped,
            augmentation="light",
            size_px=48,
            interpolation="bicubic",
            batch_size=5,
            seed=0,
            threads=threads,
        )

    return make


def test_an_epoch_shows_every_image_once_in_an_order_of_its_own(loader) -> None:
    first = loader()
    batches = list(first.batches(0))
    assert [len(batch.targets) for batch in batches] == [5, 5, 4]
    assert sorted(torch.cat([batch.targets for batch in batches]).tolist()) == [0] * 7 + [1] * 7
    assert not torch.equal(batches[0].images, next(iter(first.batches(1))).images)


def test_batches_do_not_depend_on_threads_on_the_cache_or_on_where_one_begins(loader) -> None:
    cold = [batch.images for batch in loader(threads=1).batches(3)]
    warm = [batch.images for batch in loader(threads=3).batches(3)]
    late = [batch.images for batch in loader().batches(3, start=1)]
    assert all(torch.equal(a, b) for a, b in zip(cold, warm, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(cold[1:], late, strict=True))


def test_pictures_are_decoded_once(loader, monkeypatch: pytest.MonkeyPatch) -> None:
    list(loader().batches(0))

    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(Reader, "pixels", refuse)
    assert len(list(loader().batches(1))) == 3
