"""Low-rank adapters: what trains, what is kept, and that a network without attention is refused in words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import worker
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.models import lora
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import last_stages
from tlstudio.engine.tasks import Score
from tlstudio.evaluation import predictions

PART = LoraPart(rank=2, alpha=4.0)


def recipe(architecture: str = "test_vit", *, num_stages: int = 2, part: LoraPart | None = PART) -> Recipe:
    tuned = FineTunePart(num_stages=num_stages, epochs=3, batch_size=8, learning_rate=3e-2, stage_decay=1.0, patience=0, lora=part)
    return Recipe(name="balanced", network=NetworkPart(architecture=architecture, input_size_px=64), finetune=tuned)


def network(architecture: str = "test_vit") -> Network:
    return create(find_source(NetworkPart(architecture=architecture, input_size_px=64), weights_file=None, seed=0))


def images_of(number: int) -> torch.Tensor:
    return torch.randint(0, 256, (number, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def open_names(adapted: Network, num_stages: int) -> list[str]:
    return [name for stage in last_stages(adapted.backbone, num_stages) for name in stage]


@pytest.mark.parametrize(
    "architecture", ["test_vit", "test_vit3", "swin_tiny_patch4_window7_224", "eva02_tiny_patch14_224", "beit_base_patch16_224"]
)
def test_an_adapter_changes_nothing_at_first_and_then_what_the_merged_weight_changes(architecture: str) -> None:
    if architecture.startswith("test"):
        plain, size = network(architecture), 64
    else:
        plain = create(find_source(NetworkPart(architecture=architecture), weights_file=None, seed=0))
        size = 224
    images = torch.randint(0, 256, (1, size, size, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        before = plain.features(images)
    names = lora.put_in(plain.backbone, PART, open_names(plain, 2), seed=3)
    assert names
    parameters = dict(plain.backbone.named_parameters())
    with torch.inference_mode():
        assert torch.equal(plain.features(images), before)
        for name in names:
            if name.endswith("up"):
                parameters[name].normal_(std=0.2, generator=torch.Generator().manual_seed(2))
        adapted = plain.features(images)
    assert not torch.equal(adapted, before)
    merged = {name: tensor.clone() for name, tensor in lora.merged_state(plain).items()}
    lora.take_out(plain)
    with torch.inference_mode():
        assert torch.equal(plain.features(images), before)
        assert merged.keys() == plain.state_dict().keys()
        plain.load_state_dict(merged)
        assert torch.equal(plain.features(images), adapted)


def test_random_numbers_depend_on_the_seed_and_the_layer_alone() -> None:
    found = []
    for seed, num_stages in ((1, 1), (1, 2), (2, 1)):
        adapted = network()
        torch.rand(seed)
        names = lora.put_in(adapted.backbone, PART, open_names(adapted, num_stages), seed=seed)
        found.append({name: dict(adapted.backbone.named_parameters())[name] for name in names if name.endswith("down")})
    first, wider, other = found
    assert len(first) == 2
    assert len(wider) == 4
    assert all(torch.equal(first[name], wider[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)
    assert len({tensor[0, 0].item() for tensor in wider.values()}) == 4


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20, "rings": 10})


@pytest.fixture
def train(images: Path, tmp_path: Path) -> Callable[[Recipe], tuple[int, Path, RunState]]:
    numbers = iter(range(1, 100))

    def run(asked: Recipe) -> tuple[int, Path, RunState]:
        folder = write_training(tmp_path / "project", asked, manifest_of(images), images=images, number=next(numbers))
        return worker.run_job(folder), folder, state_of(folder)

    return run


def test_what_is_kept_is_a_plain_network_in_which_only_attention_has_changed(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Score, "is_better_than", lambda _self, _other: True)  # what is kept is what was trained to the end
    code, folder, state = train(recipe())
    assert code == 0
    assert state.status is Status.FINISHED
    assert state.best is not None
    assert state.best.step == 12
    kept, card = open_run(folder)
    untouched = network().state_dict()
    changed = {name for name, tensor in kept.state_dict().items() if name in untouched and not torch.equal(tensor, untouched[name])}
    blocks = sorted({int(name.split(".")[2]) for name in changed})
    assert len(blocks) == 2
    assert changed == {f"backbone.blocks.{block}.attn.{layer}.weight" for block in blocks for layer in ("qkv", "proj")}
    read = predictions.read(folder / "predictions/predictions.safetensors")
    with torch.inference_mode():
        again = kept.head(torch.from_numpy(read.features.astype(np.float32))).numpy()
    np.testing.assert_allclose(again, read.logits, atol=0.03)
    assert card.step == state.best.step


def test_far_fewer_numbers_train_than_without(train) -> None:
    counts = []
    for part in (PART, None):
        code, folder, _state = train(recipe(part=part))
        assert code == 0
        counts.append(next(event.num_trainable for event in events_of(folder) if isinstance(event, ev.BackboneUnfrozen)))
    assert counts[0] < counts[1] / 10
    # Two blocks of width 64: qkv 64 to 192 and proj 64 to 64, at rank 2; and the head's 3 x (64 + 1).
    assert counts[0] == 2 * 2 * ((64 + 192) + (64 + 64)) + 3 * 65


@pytest.mark.parametrize(
    ("architecture", "says"), [("test_resnet", "LoRA is for transformers"), ("test_convnext", "LoRA is for transformers")]
)
def test_a_network_without_attention_is_refused_before_anything_starts(train, architecture: str, says: str) -> None:
    code, folder, state = train(recipe(architecture))
    assert code != 0
    assert state.status is Status.FAILED
    assert state.failure is not None
    assert says in state.failure.title.text()
    assert not any(isinstance(event, ev.PlanFixed) for event in events_of(folder))


def test_alpha_and_rank_are_a_factor() -> None:
    weight = torch.zeros(6, 4)
    adapter = lora.Adapter(weight, LoraPart(rank=2, alpha=6.0), torch.Generator().manual_seed(0))
    with torch.no_grad():
        adapter.up.fill_(1.0)
    torch.testing.assert_close(adapter(weight), 3.0 * torch.ones(6, 2) @ adapter.down)
