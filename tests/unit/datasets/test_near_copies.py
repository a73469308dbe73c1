"""Near copies: pictures that went through another program are found, pictures that merely resemble each other are not."""

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from tlstudio.datasets.fingerprints import fingerprint_of
from tlstudio.datasets.near_copies import NearCopySearch
from tlstudio.domain.fingerprints import Fingerprint
from tlstudio.domain.units import Units


def picture(seed: int, size: int = 200) -> Image.Image:
    """Blobs of several sizes at random places, as in a photograph."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    field = np.zeros((size, size, 3))
    for _ in range(25):
        cx, cy, radius = random.uniform(0, 1), random.uniform(0, 1), random.uniform(0.03, 0.2)
        field += np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / radius**2)[..., None] * random.uniform(-90, 90, 3)
    return Image.fromarray(np.clip(128 + field, 0, 255).astype(np.uint8))


def saved(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def looks(*images: Image.Image) -> dict[str, Fingerprint]:
    found = {f"{number:04d}": fingerprint_of(np.asarray(image)) for number, image in enumerate(images)}
    return {name: item for name, item in found.items() if item is not None}


COPIES = {
    "smaller": lambda image: image.resize((120, 120), Image.Resampling.LANCZOS),
    "larger": lambda image: image.resize((500, 500), Image.Resampling.BICUBIC),
    "saved harder": lambda image: saved(image, 50),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "smaller and saved harder": lambda image: saved(image.resize((150, 150)), 60),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_through_another_program_is_found(how: str) -> None:
    originals = [picture(seed) for seed in range(12)]
    copies = [COPIES[how](image) for image in originals]
    near = NearCopySearch().add(looks(*originals, *copies))
    assert {(pair.first, pair.second) for pair in near} == {(f"{number:04d}", f"{number + 12:04d}") for number in range(12)}
    assert all(0.95 <= pair.likeness <= 1 for pair in near)


def test_different_pictures_are_not_near_and_blank_ones_are_compared_with_nothing() -> None:
    random = np.random.default_rng(0)
    blank = [Image.fromarray(random.normal(90, 3, (200, 200, 3)).astype(np.uint8)) for _ in range(5)]
    black = Image.new("RGB", (64, 64))
    assert looks(*blank, black) == {}
    assert NearCopySearch().add(looks(*(picture(seed) for seed in range(60)))) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (31, 33), (2000, 10)])
def test_any_size_has_a_fingerprint_or_none(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    found = fingerprint_of(pixels)
    assert found is None or (len(found.hash), len(found.detail)) == (8, 256)


def test_what_comes_later_is_compared_with_what_was_there() -> None:
    everything = looks(*(picture(seed) for seed in range(20)), *(saved(picture(seed), 60) for seed in range(20)))
    at_once = NearCopySearch().add(everything)
    first, second, again = NearCopySearch(), NearCopySearch(), NearCopySearch()
    names = list(everything)
    in_parts = first.add({name: everything[name] for name in names[:13]})
    in_parts += first.add({name: everything[name] for name in names[13:]})
    assert set(in_parts) == set(at_once)
    assert len(at_once) == 20
    second.load({name: everything[name] for name in names[:30]}, at_once)
    assert {pair.second for pair in second.add(everything)} == set(names[30:])
    again.load(everything, at_once)
    assert again.add(everything) == []


def test_of_a_series_only_as_many_pairs_are_kept_as_hold_it_together() -> None:
    original = picture(3)
    series = looks(*(saved(original, quality) for quality in range(40, 90)))
    near = NearCopySearch().add(series)
    units = Units()
    for pair in near:
        units.join(pair.first, pair.second)
    assert len(units.sets(series)) == 1
    assert len(near) == len(series) - 1


def test_ten_thousand_are_compared_while_a_person_waits() -> None:
    random = np.random.default_rng(0)
    many = {
        f"{number:05d}": Fingerprint(hash=random.bytes(8), detail=random.integers(-127, 128, 256, dtype=np.int8).tobytes())
        for number in range(10_000)
    }
    began = time.perf_counter()
    assert NearCopySearch().add(many) == []
    assert time.perf_counter() - began < 10, "a second is usual; ten are a busy machine"
