"""F01: head only, partial and full training, killed at any moment with 0, 1 and 2 threads that read ahead, end with the same bits.

The whole campaign, 20 kills of each, is run on demand with `pytest -m slow tests/faults/test_kill_campaign.py`.
"""

import os
import random
from pathlib import Path

import msgspec
import pytest

from tests.conftest import MakeImages
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.nursery_process import Nursery
from tests.faults.test_job_kill import kill_after, result_of
from tlstudio.domain.recipe import RECIPES, FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

NETWORK = NetworkPart(architecture="test_resnet", input_size_px=64)
PARTIAL = FineTunePart(epochs=6, batch_size=4, learning_rate=3e-3, patience=0, num_views=3)
THOROUGH = RECIPES["thorough"].build(NETWORK)
assert THOROUGH.finetune is not None
FULL = msgspec.structs.replace(THOROUGH.finetune, epochs=6, batch_size=4, patience=0)
TRAININGS = {
    "head only": msgspec.structs.replace(RECIPES["quick"].build(NETWORK), seed=5),
    "partial": Recipe(name="balanced", network=NETWORK, finetune=PARTIAL, augmentation="moderate", seed=5),
    "full": msgspec.structs.replace(THOROUGH, finetune=FULL, seed=5),
}


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 12, "discs": 12})


def told_of(folder: Path) -> tuple[object, ...]:
    """The folded journal, without what depends on the time of day and on how fast it went."""
    state = state_of(folder)
    assert state.summary is not None
    summary = msgspec.structs.replace(state.summary, seconds=0.0)
    head = state.head.validation_loss if state.head is not None else None
    steps = [(item.step, item.epoch, item.loss, item.learning_rate) for item in state.steps]
    return summary, head, steps, list(state.validations), state.plan, state.unfrozen


def killed_and_continued(images: Path, place: Path, nursery: Nursery, recipe: Recipe, *, loader_threads: int, num_kills: int) -> set[int]:
    """Compares run after run, each killed once, with one that nothing happened to; after which of its lines they were killed."""
    manifest = manifest_of(images)
    whole = write_training(place / "whole", recipe, manifest, images=images, loader_threads=loader_threads)
    nursery.start(whole)
    assert nursery.wait() == 0
    expected = result_of(whole), told_of(whole)
    num_lines = len(events_of(whole))
    num_killed, places = 0, set()
    for number in range(10 * num_kills):
        if num_killed == num_kills:
            break
        folder = write_training(place / f"killed {number}", recipe, manifest, images=images, loader_threads=loader_threads)
        kill_after(nursery, folder, random.randint(1, num_lines - 3), unfrozen=False)
        if state_of(folder).status.is_over:
            continue  # progress is told by the clock: with fewer lines than the other run it was over before the kill came
        num_killed += 1
        places.add(len(events_of(folder)))
        nursery.start(folder)
        assert nursery.wait() == 0
        assert state_of(folder).status is Status.FINISHED
        assert result_of(folder) == expected[0]
        for told, told_before in zip(told_of(folder), expected[1], strict=True):
            assert told == told_before
    assert num_killed == num_kills
    return places


@pytest.mark.parametrize(("training", "loader_threads"), [("head only", 0), ("full", 0)])
def test_killed_now_and_then_it_ends_with_the_same_bits(
    images: Path,
    tmp_path: Path,
    nursery: Nursery,
    training: str,
    loader_threads: int,
) -> None:
    random.seed(2)
    killed_and_continued(images, tmp_path, nursery, TRAININGS[training], loader_threads=loader_threads, num_kills=3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("loader_threads", [0, 1, 2])
@pytest.mark.parametrize("training", TRAININGS)
def test_killed_twenty_times_at_random_it_ends_with_the_same_bits(
    images: Path,
    tmp_path: Path,
    nursery: Nursery,
    training: str,
    loader_threads: int,
) -> None:
    random.seed(f"{training} {loader_threads}")
    places = killed_and_continued(images, tmp_path, nursery, TRAININGS[training], loader_threads=loader_threads, num_kills=20)
    assert len(places) >= 5
