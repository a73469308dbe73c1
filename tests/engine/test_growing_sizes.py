"""Training images that grow: what the network sees in each epoch, the same after an interruption, and networks of one size."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from torch import Tensor

from tests.engine.folders import manifest_of, state_of, write_training
from tests.faults.test_job_kill import result_of
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import Augmentation, FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import worker
from tlstudio.engine.build import build, loader
from tlstudio.engine.finetune import FineTuning
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import read_job
from tlstudio.engine.journal import JournalWriter

PART = FineTunePart(epochs=4, batch_size=8, learning_rate=3e-3, patience=0, num_views=2, first_size=0.5)


def recipe(architecture: str = "test_resnet", augmentation: Augmentation = "light", part: FineTunePart = PART) -> Recipe:
    network = NetworkPart(architecture=architecture, input_size_px=128)
    return Recipe(name="custom", network=network, finetune=part, augmentation=augmentation, seed=2)


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 10, "discs": 10}, size=96)


@pytest.fixture
def order(images: Path, tmp_path: Path) -> Callable[[Recipe], Path]:
    numbers = iter(range(1, 100))
    return lambda asked: write_training(tmp_path / f"project {next(numbers)}", asked, manifest_of(images), images=images)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[int, set[tuple[int, ...]]]:
    """Shapes of the images that the steps of an epoch had."""
    shapes: dict[int, set[tuple[int, ...]]] = {}
    honest = FineTuning.train

    def train(self: FineTuning, batch, **named: object) -> Tensor | None:
        shapes.setdefault(self.epoch, set()).add(tuple(batch.inputs().shape[1:]))
        return honest(self, batch, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(FineTuning, "train", train)
    return shapes


def ended(folder: Path) -> RunState:
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    return state


@pytest.mark.parametrize("augmentation", ["none", "light"])
def test_they_grow_to_the_size_that_is_judged(order, seen, augmentation: Augmentation) -> None:
    state = ended(order(recipe(augmentation=augmentation)))
    assert seen == {0: {(64, 64, 3)}, 1: {(96, 96, 3)}, 2: {(128, 128, 3)}, 3: {(128, 128, 3)}}
    assert state.plan is not None
    assert (state.plan.input_size_px, state.plan.num_views) == (128, 0)
    assert state.warnings == ()


@pytest.mark.parametrize("augmentation", ["none", "light", "moderate"])
def test_a_small_image_shows_what_the_whole_one_shows(order, augmentation: Augmentation) -> None:
    training = build(read_job(order(recipe(augmentation=augmentation)), gate=Gate(), history=()))
    whole = build(
        read_job(
            order(recipe(augmentation=augmentation, part=msgspec.structs.replace(PART, first_size=1.0, num_views=0))),
            gate=Gate(),
            history=(),
        )
    )
    small, large = (next(iter(loader(item, PART).batches(0))).inputs().numpy().astype(float) for item in (training, whole))
    assert small.shape[1:3] == (64, 64)
    halved = large.reshape(len(large), 64, 2, 64, 2, 3).mean((2, 4))
    assert np.abs(halved - small).mean() < 8, "the same part of the same image, only smaller"


def test_interrupted_it_ends_with_the_same_bits(order, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = order(recipe())
    ended(whole)
    folder, honest = order(recipe()), JournalWriter.write

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        honest(self, event)
        if isinstance(event, ev.Validated) and event.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(JournalWriter, "write", write)
        with contextlib.suppress(KeyboardInterrupt):
            worker.run_job(folder)
    assert ended(folder).attempt == 2
    assert result_of(folder) == result_of(whole)


def test_a_network_of_one_size_has_it_from_the_beginning_and_that_is_said(order, seen) -> None:
    state = ended(order(recipe("test_vit3")))
    assert set.union(*seen.values()) == {(128, 128, 3)}
    assert len(state.warnings) == 1
    assert "test_vit3 takes images of 128 pixels only" in state.warnings[0].text()
