"""Training images in a device's memory: the views, the batches and the order of the ordinary loader. The processor stands in for a card."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.datasets.training_views import change_of, training_preprocessing, view
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import Augmentation, FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.engine import worker
from tlstudio.engine.data import resident
from tlstudio.engine.data.away import ImagesAway, folder_away
from tlstudio.engine.data.device_views import device_views
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Reader, Skipped
from tlstudio.engine.data.resident import ResidentLoader, has_room

CPU = torch.device("cpu")
COARSE = np.random.default_rng(0).integers(0, 256, (20, 10, 10, 3), dtype=np.uint8)
SQUARES = np.stack([np.asarray(Image.fromarray(item).resize((74, 74))) for item in COARSE])
"""uint8[20, 74, 74, 3]: smooth, and no two alike."""
MakeLoader = Callable[..., Loader]


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("kind", "size_px"), [("none", 64), ("light", 64), ("light", 32), ("light", 96), ("moderate", 64)])
def test_views_made_on_the_device_are_those_of_the_rule(kind: Augmentation, interpolation: str, size_px: int) -> None:
    key = {"size_px": size_px, "seed": 3, "epoch": 1}
    changes = [change_of(kind, rule=2, side=74, sample=sample, **key) for sample in range(20)]
    squares = torch.from_numpy(SQUARES).permute(0, 1, 3, 2).contiguous()
    made = device_views(squares, changes, size_px=size_px, interpolation=interpolation).numpy().astype(int)
    exact = np.stack([view(SQUARES[row], kind, rule=2, interpolation=interpolation, sample=row, **key) for row in range(20)])
    assert np.abs(made - exact).mean() < 0.5
    assert np.abs(made - exact).max() <= 4
    if kind != "none":
        others = np.stack([view(SQUARES[row], kind, rule=2, interpolation=interpolation, sample=row + 1, **key) for row in range(20)])
        assert np.abs(made - others).mean() > 10


def test_many_images_are_made_in_several_goes() -> None:
    squares = torch.from_numpy(SQUARES).permute(0, 1, 3, 2).repeat(8, 1, 1, 1)
    changes = [change_of("light", rule=2, side=74, size_px=8, seed=0, epoch=0, sample=0)] * len(squares)
    made = device_views(squares, changes, size_px=8, interpolation="bilinear")
    assert made.shape == (160, 8, 8, 3)
    assert torch.equal(made[:20], made[140:])
    assert device_views(squares[:0], [], size_px=8, interpolation="bilinear").shape == (0, 8, 8, 3)


@pytest.fixture
def make_loader(make_images, tmp_path: Path) -> MakeLoader:
    images = make_images({"bars": 12, "discs": 12})
    entries = manifest_of(images).of(Split.TRAIN)

    def make(*, threads: int = 2) -> Loader:
        reader = Reader(roots={"1": str(images)}, intensity=IntensityRule())
        preprocessing = training_preprocessing(Preprocessing(input_size_px=48))
        return Loader(
            entries=entries,
            pixels=PixelCache(tmp_path / "cache", reader=reader, preprocessing=preprocessing, views=2),
            skipped=Skipped(num_entries=len(entries)),
            augmentation="light",
            size_px=48,
            interpolation="bicubic",
            batch_size=5,
            seed=0,
            threads=threads,
        )

    return make


def test_batches_are_those_of_the_ordinary_loader(make_loader: MakeLoader) -> None:
    plain, kept = make_loader(), ResidentLoader(make_loader(), device=CPU)
    assert kept.num_batches == plain.num_batches
    for epoch in (0, 1):
        for mine, theirs in zip(kept.batches(epoch), plain.batches(epoch), strict=True):
            assert torch.equal(mine.targets, theirs.targets)
            assert mine.images.dtype == torch.uint8
            assert (mine.images.float() - theirs.images.float()).abs().mean() < 0.5


def test_where_one_begins_and_how_many_threads_read_change_no_bit(make_loader: MakeLoader) -> None:
    whole = ResidentLoader(make_loader(threads=1), device=CPU)
    list(whole.batches(0))
    late = ResidentLoader(make_loader(threads=3), device=CPU)
    again = list(late.batches(3, start=1))
    assert all(torch.equal(a.images, b.images) for a, b in zip(list(whole.batches(3))[1:], again, strict=True))
    assert all(torch.equal(a.images, b.images) for a, b in zip(whole.batches(4), late.batches(4), strict=True)), "the rest is sent later"


def test_images_are_sent_once(make_loader: MakeLoader, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ResidentLoader(make_loader(), device=CPU)
    list(kept.batches(0))

    def refuse(*_args: object) -> None:
        raise AssertionError("asked for again")

    monkeypatch.setattr(PixelCache, "get", refuse)
    assert len(list(kept.batches(1))) == 3


def test_an_image_that_cannot_be_read_leaves_its_place_empty_in_every_epoch(make_loader: MakeLoader) -> None:
    loader = make_loader()
    gone = loader.entries[4]
    (Path(loader.pixels._reader.roots["1"]) / gone.path).write_bytes(b"no image")
    kept = ResidentLoader(loader, device=CPU)
    for epoch in (0, 1):
        assert sum(len(batch.targets) for batch in kept.batches(epoch)) == len(loader.entries) - 1
    assert list(loader.skipped.reasons) == [gone.sample]


def test_images_that_were_away_are_all_there_once_they_are_back(make_loader: MakeLoader) -> None:
    loader = make_loader(threads=0)
    root = Path(loader.pixels._reader.roots["1"])
    first = loader.parts(0)[0]
    alone = root / loader.entries[first[0]].path
    alone.rename(root / "kept")  # skipped singly, before the whole folder is away
    kept, honest = ResidentLoader(loader, device=CPU), loader.pixels.get
    asked: list[ManifestEntry] = []

    def get(entry: ManifestEntry) -> np.ndarray:
        asked.append(entry)
        if len(asked) == 4:
            raise folder_away(root)
        return honest(entry)

    loader.pixels.get = get  # type: ignore[method-assign]
    with pytest.raises(ImagesAway):
        list(kept.batches(0))
    (root / "kept").rename(alone)
    for epoch in (0, 1):
        assert sum(len(batch.targets) for batch in kept.batches(epoch)) == len(loader.entries)


def test_without_memory_the_ordinary_loader_makes_the_batches(make_loader: MakeLoader, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ResidentLoader(make_loader(), device=CPU)

    def full(*_args: object, **_named: object) -> None:
        raise torch.OutOfMemoryError("no room")

    expected = [batch.images for batch in make_loader().batches(0)]
    monkeypatch.setattr(resident, "_allocated", full)
    assert all(torch.equal(batch.images, images) for batch, images in zip(kept.batches(0), expected, strict=True))


def test_only_what_fits_beside_a_training_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not has_room(CPU, num_images=1, side_px=8), "a processor has no memory of its own"
    monkeypatch.setattr(resident, "free_bytes", lambda _device: 4 * 100 * 8 * 8 * 3)
    assert has_room(CPU, num_images=100, side_px=8)
    assert not has_room(CPU, num_images=101, side_px=8)


def test_a_run_keeps_its_images_and_says_so(make_images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = make_images({"bars": 20, "discs": 20})
    part = FineTunePart(epochs=2, batch_size=8, num_stages=2, num_views=0)
    recipe = Recipe(
        name="balanced", network=NetworkPart(architecture="test_resnet", input_size_px=64), finetune=part, augmentation="moderate"
    )
    losses = []
    for number, free in enumerate((0, 1 << 30, 1 << 30), 1):
        monkeypatch.setattr(resident, "free_bytes", lambda _device, free=free: free)
        asked = msgspec.structs.replace(recipe, view_rule=1) if number == 3 else recipe
        folder = write_training(tmp_path / "project", asked, manifest_of(images), images=images, number=number)
        assert worker.run_job(folder) == 0
        state = state_of(folder)
        assert state.status is Status.FINISHED
        assert state.plan is not None
        assert state.plan.resident is (number == 2), "only rule 2 can be made there"
        losses.append([item.loss for item in state.validations])
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    assert losses[1] != losses[0]
