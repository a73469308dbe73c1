"""Training views: keyed, within the picture, and the same however they are made."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.folders import manifest_of
from tlstudio.datasets.training_views import training_preprocessing, view
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.splits import Split
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Reader, Skipped

PICTURE = np.random.default_rng(0).integers(0, 256, (74, 74, 3), dtype=np.uint8)


def look(kind: str = "light", *, seed: int = 0, epoch: int = 0, sample: int = 0) -> np.ndarray:
    return view(PICTURE, kind, size_px=64, interpolation="bicubic", seed=seed, epoch=epoch, sample=sample)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["light", "moderate"])
def test_the_same_key_gives_the_same_view_and_any_other_another(kind: str) -> None:
    first = look(kind)
    np.testing.assert_array_equal(first, look(kind))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    for other in (look(kind, seed=1), look(kind, epoch=1), look(kind, sample=1)):
        assert not np.array_equal(first, other)


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
            pixels=PixelCache(tmp_path / "cache", reader=reader, preprocessing=preprocessing, scaled=True),
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
