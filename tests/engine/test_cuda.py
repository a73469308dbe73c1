"""The same recipes on a graphics card. Run with `-m gpu` where there is one."""

from pathlib import Path

import msgspec
import pytest

from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker
from tlstudio.engine.machine_watch import MachineWatch

pytestmark = pytest.mark.gpu

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=3, batch_size=8),
    augmentation="light",
)


def test_the_card_is_chosen_by_itself_and_ends_where_the_processor_does(make_images, tmp_path: Path) -> None:
    images = make_images({"bars": 20, "discs": 20})
    accuracy = {}
    for number, device in enumerate(("auto", "cpu"), 1):
        recipe = msgspec.structs.replace(RECIPE, device=device)
        folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images, number=number)
        assert worker.run_job(folder) == 0
        state = state_of(folder)
        assert state.status is Status.FINISHED
        assert state.plan is not None
        assert state.summary is not None
        assert state.plan.device == ("cuda:0" if device == "auto" else "cpu")
        accuracy[device] = state.summary.balanced_accuracy
    assert accuracy["auto"] == pytest.approx(accuracy["cpu"], abs=0.2)


def test_the_training_images_stay_on_the_card_and_are_those_of_the_processor(make_images, tmp_path: Path) -> None:
    images = make_images({"bars": 20, "discs": 20})
    part = FineTunePart(epochs=2, batch_size=8, num_views=0)
    losses = []
    for number, device in enumerate(("cuda:0", "cpu"), 1):
        recipe = msgspec.structs.replace(RECIPE, device=device, finetune=part, precision="fp32")
        folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images, number=number)
        assert worker.run_job(folder) == 0
        state = state_of(folder)
        assert state.plan is not None
        assert state.plan.resident is (device == "cuda:0")
        losses.append([item.loss for item in state.validations])
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


def test_the_card_tells_its_memory() -> None:
    watch = MachineWatch()
    watch.use("cuda:0")
    told = watch.look(seconds=1.0)
    assert told.card_memory_bytes is not None
    assert told.card_memory_total_bytes is not None
    assert 0 < told.card_memory_bytes < told.card_memory_total_bytes
