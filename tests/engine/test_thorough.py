"""The Thorough recipe: every layer trains, the stem too, each with its own rate, and it comes to its end."""

from pathlib import Path

import msgspec
import pytest
import torch

from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.engine import checkpoint, worker
from tlstudio.engine.finetune import TrainingState
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.models.stages import stages_of


@pytest.mark.parametrize("architecture", ["test_resnet", "test_vit"])
def test_every_stage_learns_and_the_nearer_to_the_image_the_slower(
    make_images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str
) -> None:
    monkeypatch.setattr(checkpoint, "remove", lambda *_names, **_but: None)  # what was trained last, also where the head alone was better
    images = make_images({"bars": 20, "discs": 20, "rings": 20})
    recipe = RECIPES["thorough"].build(NetworkPart(architecture=architecture, input_size_px=64))
    assert recipe.finetune is not None
    part = msgspec.structs.replace(recipe.finetune, epochs=2, batch_size=8, learning_rate=3e-3)
    short = msgspec.structs.replace(recipe, finetune=part)
    folder = write_training(tmp_path / "project", short, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.plan is not None
    assert state.steps[-1].step == state.plan.num_steps == 8
    assert state.plan.folded is (architecture == "test_resnet")
    last, _warnings = checkpoint.load_last(folder, TrainingState)
    assert last is not None
    before = create(find_source(short.network, weights_file=None, seed=0))
    stages = stages_of(before.backbone)
    then = dict(before.backbone.named_parameters())
    assert all(any(not torch.equal(last.tensors[f"network.backbone.{name}"], then[name]) for name in stage) for stage in stages)
    assert state.unfrozen is not None
    assert state.unfrozen.num_stages == len(stages) > 2
    rates = state.unfrozen.rates
    assert rates == pytest.approx([3e-3 * 0.75**place for place in range(len(stages) + 1)])
