"""Pooling and learning rates of stages: what a network allows, what it is trained with, and that the kept one has it too."""

from pathlib import Path

import pytest
import torch

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Pooling, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.param_groups import rates
from tlstudio.engine.tasks import Score
from tlstudio.errors import TLStudioError

CONVOLUTIONAL: tuple[Pooling, ...] = ("avg", "max", "avgmax", "catavgmax")
ALLOWED = [
    *(("test_resnet", pooling) for pooling in CONVOLUTIONAL),
    *(("test_efficientnet", pooling) for pooling in CONVOLUTIONAL),
    *(("test_vit", pooling) for pooling in ("token", "avg", "max", "avgmax")),
]
REFUSED = [("test_resnet", "token"), ("test_vit", "catavgmax"), ("mobilenetv3_small_050", "catavgmax"), ("convnext_atto", "token")]


def made(architecture: str, pooling: Pooling):
    part = NetworkPart(architecture=architecture, input_size_px=64, pooling=pooling)
    return create(find_source(part, weights_file=None, seed=0))


@pytest.mark.parametrize(("architecture", "pooling"), ALLOWED)
def test_what_is_pooled_is_the_map_the_weights_make(architecture: str, pooling: Pooling) -> None:
    auto, network = made(architecture, "auto"), made(architecture, pooling)
    assert network.backbone.state_dict().keys() == auto.backbone.state_dict().keys()
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        found = network.features(images)
        maps = auto.backbone.forward_features(auto.prepare(images))
    assert found.shape == (2, network.num_features)
    assert network.num_features == (2 if pooling == "catavgmax" else 1) * auto.num_features
    places = maps.flatten(2) if maps.ndim == 4 else maps[:, 1:].transpose(1, 2)
    average, most = places.mean(dim=2), places.amax(dim=2)
    expected = {
        "avg": average,
        "max": most,
        "avgmax": (average + most) / 2,
        "catavgmax": torch.cat([average, most], dim=1),
        "token": maps[:, 0] if maps.ndim == 3 else None,
    }[pooling]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("architecture", "pooling"), REFUSED)
def test_what_a_network_cannot_do_is_refused_in_words(architecture: str, pooling: Pooling) -> None:
    with pytest.raises(TLStudioError, match=f"{architecture} cannot pool"):
        made(architecture, pooling)


def test_it_is_trained_with_kept_with_and_never_given_the_features_of_another_pooling(make_images, tmp_path: Path) -> None:
    images = make_images({"bars": 10, "discs": 10})
    states = []
    for number, pooling in enumerate(("auto", "catavgmax", "catavgmax"), 1):
        part = NetworkPart(architecture="test_resnet", input_size_px=64, pooling=pooling)  # type: ignore[arg-type]
        folder = write_training(tmp_path / "project", Recipe(name="quick", network=part), manifest_of(images), images=images, number=number)
        assert worker.run_job(folder) == 0
        states.append(state_of(folder))
    plain, first, again = (state.head.num_cached for state in states if state.head is not None)
    assert (plain, first) == (0, 0)
    assert again == 20
    network, card = open_run(folder)
    assert card.architecture_arguments == {"global_pool": "catavgmax"}
    assert card.num_features == network.num_features == 2 * made("test_resnet", "auto").num_features


def test_rates_of_stages_follow_the_decay_unless_they_are_named() -> None:
    plain = FineTunePart(learning_rate=1e-3, stage_decay=0.3)
    assert rates(plain, 3) == (1e-3, 1e-3 * 0.3, 1e-3 * 0.3**2, 1e-3 * 0.3**3)
    named = FineTunePart(learning_rate=1e-3, stage_decay=0.5, stage_rates=(2e-4, 8e-5))
    assert rates(named, 2) == (1e-3, 2e-4, 8e-5)
    assert rates(named, 1) == (1e-3, 2e-4)
    assert rates(named, 4) == (1e-3, 2e-4, 8e-5, 4e-5, 2e-5)


def test_all_stages_train_when_there_are_no_more_and_a_stage_can_be_held_back(make_images, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(Score, "is_better_than", lambda _self, _other: True)  # what is kept is what was trained to the end
    images = make_images({"bars": 10, "discs": 10})
    tuned = FineTunePart(num_stages=64, epochs=2, batch_size=4, learning_rate=3e-3, stage_rates=(1e-3, 1e-9), patience=0)
    asked = Recipe(name="balanced", network=NetworkPart(architecture="test_resnet", input_size_px=64), finetune=tuned)
    folder = write_training(tmp_path / "project", asked, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    unfrozen = next(event for event in events_of(folder) if isinstance(event, ev.BackboneUnfrozen))
    network, card = open_run(folder)
    assert unfrozen.num_trainable == sum(parameter.numel() for parameter in network.parameters())
    assert unfrozen.num_stages == len(unfrozen.rates) - 1
    assert unfrozen.rates[1:3] == (1e-3, 1e-9)
    before = made("test_resnet", "auto").state_dict()
    moved = {name: float((tensor - before[name]).abs().max()) for name, tensor in network.state_dict().items() if name in before}
    assert card.step == 6
    assert max(size for name, size in moved.items() if "layer4" in name) > 1e-5
    assert max(size for name, size in moved.items() if "layer3" in name) < 1e-6
