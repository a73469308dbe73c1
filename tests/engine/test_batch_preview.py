"""What is previewed as a training batch is what a run of the recipe is given, to the pixel."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tlstudio.datasets.training_views import training_preprocessing
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import RECIPES, FineTunePart, NetworkPart, Recipe
from tlstudio.domain.splits import Split
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Reader, Skipped
from tlstudio.errors import ImagesAwayError
from tlstudio.operations import splitting
from tlstudio.operations.batch_preview import BatchPreview
from tlstudio.operations.importing import import_data
from tlstudio.operations.readiness import build_manifest
from tlstudio.project.project import Project

SIZE_PX = 48
NETWORK = NetworkPart(architecture="resnet18", input_size_px=SIZE_PX)
PREPROCESSING = Preprocessing(input_size_px=SIZE_PX, crop_fraction=0.95)
"""As timm's usual weights of this network have it."""


@pytest.fixture
def project(tmp_path: Path, make_images: Callable[..., Path]) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    import_data(opened, make_images({"bars": 14, "discs": 14}))
    splitting.split(opened)
    yield opened
    opened.close()


def recipe(name: str, **changes: object) -> Recipe:
    return msgspec.structs.replace(RECIPES[name].build(NETWORK), **changes)


def loader_of(project: Project, wanted: Recipe, cache: Path) -> Loader:
    roots = {str(root.id): root.path for root in project.dataset().roots}
    rule = project.settings().intensity
    entries = build_manifest(project.dataset(), intensity=rule).of(Split.TRAIN)
    reader = Reader(roots=roots, intensity=rule)
    return Loader(
        entries=entries,
        pixels=PixelCache(cache, reader=reader, preprocessing=training_preprocessing(PREPROCESSING), views=2),
        skipped=Skipped(num_entries=len(entries)),
        augmentation=wanted.augmentation,
        size_px=SIZE_PX,
        interpolation=PREPROCESSING.interpolation,
        batch_size=8,
        seed=wanted.seed,
        threads=2,
    )


@pytest.mark.parametrize("augmentation", ["none", "light", "moderate"])
@pytest.mark.parametrize("epoch", [0, 2])
def test_the_first_batch_of_an_epoch_is_shown_as_it_is_trained_on(project: Project, tmp_path: Path, augmentation: str, epoch: int) -> None:
    wanted = recipe("balanced", augmentation=augmentation, seed=5)
    shown = BatchPreview(project).views(wanted, num=7, epoch=epoch)
    trained = next(loader_of(project, wanted, tmp_path / "cache").batches(epoch)).images.numpy()
    assert len(shown) == 7
    difference = np.abs(np.stack([item.pixels for item in shown]).astype(int) - trained[:7])
    assert difference.max() <= 3
    assert difference.mean() < 0.3


def test_views_that_take_turns_are_shown_in_their_turn(project: Project) -> None:
    asked = recipe("balanced", finetune=FineTunePart(num_views=2, epochs=9))
    by_epoch = [{item.sample.id: item.pixels for item in BatchPreview(project).views(asked, num=24, epoch=epoch)} for epoch in (0, 1, 3)]
    assert by_epoch[0].keys() == by_epoch[1].keys() == by_epoch[2].keys() != set()
    for sample, pixels in by_epoch[2].items():
        np.testing.assert_array_equal(pixels, by_epoch[1][sample])
        assert not np.array_equal(pixels, by_epoch[0][sample])


def test_another_setting_needs_no_file_again(project: Project) -> None:
    preview = BatchPreview(project)
    light = preview.views(recipe("balanced"), num=6)
    for sample in project.dataset().samples:
        project.dataset().file_of(sample).unlink()
    moderate = preview.views(recipe("balanced", augmentation="moderate"), num=6)
    assert [item.sample for item in moderate] == [item.sample for item in light]
    assert not any(np.array_equal(a.pixels, b.pixels) for a, b in zip(light, moderate, strict=True))
    with pytest.raises(ImagesAwayError, match="away"):
        preview.views(recipe("balanced", seed=3), num=24)


def test_one_image_that_is_gone_is_left_out(project: Project) -> None:
    preview = BatchPreview(project)
    first = preview.views(recipe("balanced"), num=6)[0].sample
    project.dataset().file_of(first).unlink()
    assert len(BatchPreview(project).views(recipe("balanced"), num=6)) == 5


def test_a_head_alone_is_shown_what_evaluation_sees(project: Project) -> None:
    rule = project.settings().intensity
    reader = Reader(roots={str(root.id): root.path for root in project.dataset().roots}, intensity=rule)
    entries = {entry.sample: entry for entry in build_manifest(project.dataset(), intensity=rule).entries}
    shown = BatchPreview(project).views(recipe("quick", augmentation="moderate"), num=4)
    assert len(shown) == 4
    for item in shown:
        np.testing.assert_array_equal(item.pixels, reader.pixels(entries[item.sample.id], PREPROCESSING))


def test_without_training_images_there_is_nothing_to_show(tmp_path: Path) -> None:
    empty = Project.create(tmp_path / "Empty")
    assert BatchPreview(empty).views(recipe("balanced"), num=8) == []
    empty.close()
