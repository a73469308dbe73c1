"""Networks by name, their weights, and their stages."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import timm
import torch
from blake3 import blake3
from safetensors.torch import save_file

from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.engine.gate import Gate
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.models.interruption import Interrupted, make_interruptible
from tlstudio.engine.models.stages import last_stages, stages_of
from tlstudio.errors import TLStudioError

TENSORS = timm.create_model("test_resnet", num_classes=10).state_dict()


def write_weights(folder: Path, tensors: dict[str, torch.Tensor], **card: object) -> tuple[Path, str]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    hash = blake3(file.read_bytes()).hexdigest()
    fields = {"preprocessing": Preprocessing(input_size_px=96, interpolation="bilinear"), "num_classes": 10, **card}
    written = WeightsCard(hash=hash, architecture="test_resnet", name="mine", **fields)  # type: ignore[arg-type]
    (folder / "card.json").write_bytes(msgspec.json.encode(written))
    return file, hash


def part(weights: str | None, architecture: str = "test_resnet", size: int | None = None) -> NetworkPart:
    return NetworkPart(architecture=architecture, weights=weights, input_size_px=size)


def test_weights_bring_their_preprocessing_and_leave_their_classifier_behind(tmp_path: Path) -> None:
    half = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in TENSORS.items()}
    file, hash = write_weights(tmp_path, half)
    source = find_source(part(hash), weights_file=file, seed=0)
    assert source.preprocessing.input_size_px == 96
    assert source.preprocessing.interpolation == "bilinear"
    network = create(source)
    assert network.backbone.state_dict()["conv1.0.weight"].dtype is torch.float32
    assert torch.equal(network.backbone.state_dict()["layer1.0.conv1.weight"], half["layer1.0.conv1.weight"].float())
    assert network.features(torch.zeros(2, 96, 96, 3, dtype=torch.uint8)).shape == (2, network.num_features)


def test_random_weights_depend_on_the_seed_alone() -> None:
    first, again, other = (create(find_source(part(None), weights_file=None, seed=seed)).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["backbone.conv1.0.weight"], other["backbone.conv1.0.weight"])


def test_an_attention_network_takes_another_input_size_with_its_weights(tmp_path: Path) -> None:
    file, hash = write_weights(tmp_path, timm.create_model("test_vit", num_classes=0).state_dict())
    source = find_source(part(hash, "test_vit", 96), weights_file=file, seed=0)
    network = create(source)
    assert network.features(torch.zeros(1, 96, 96, 3, dtype=torch.uint8)).shape == (1, 64)


def test_the_normalisation_is_the_usual_one() -> None:
    usual = Preprocessing()
    network = create(replace(find_source(part(None), weights_file=None, seed=0), preprocessing=usual))
    images = torch.randint(0, 256, (2, 8, 8, 3), dtype=torch.uint8)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (usual.mean, usual.std))
    torch.testing.assert_close(network.prepare(images), (images.permute(0, 3, 1, 2) / 255 - mean) / std, atol=1e-5, rtol=1e-5)


def damaged(name: str) -> dict[str, torch.Tensor]:
    tensors = dict(TENSORS)
    if name == "a tensor is missing":
        del tensors["layer2.0.conv1.weight"]
    elif name == "another shape":
        tensors["layer2.0.conv1.weight"] = torch.zeros(3, 3)
    elif name == "not a number":
        tensors["layer2.0.conv1.weight"] = torch.full_like(tensors["layer2.0.conv1.weight"], float("nan"))
    elif name == "another network":
        tensors = dict(timm.create_model("test_vit", num_classes=0).state_dict())
    return tensors


@pytest.mark.parametrize("what", ["a tensor is missing", "another shape", "not a number", "another network"])
def test_weights_that_do_not_fit_are_refused_and_named(tmp_path: Path, what: str) -> None:
    file, hash = write_weights(tmp_path, damaged(what))
    with pytest.raises(TLStudioError, match="do not fit test_resnet") as caught:
        create(find_source(part(hash), weights_file=file, seed=0))
    assert "another network" in what or "layer2.0.conv1.weight" in str(caught.value)


def test_weights_that_changed_or_went_are_refused(tmp_path: Path) -> None:
    file, hash = write_weights(tmp_path, TENSORS)
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(TLStudioError, match="not the one that was imported"):
        find_source(part(hash), weights_file=file, seed=0)
    with pytest.raises(TLStudioError, match="not on this machine"):
        find_source(part(hash), weights_file=tmp_path / "gone.safetensors", seed=0)
    with pytest.raises(TLStudioError, match="no network called nonesuch"):
        find_source(part(None, "nonesuch"), weights_file=None, seed=0)


# One of each kind timm has; built without memory.
ARCHITECTURES = {
    "resnet18": 5,
    "mobilenetv2_100": 8,
    "efficientnet_b0": 8,
    "mobilenetv4_conv_small": 7,
    "convnext_atto": 5,
    "vit_tiny_patch16_224": 13,
    "deit_tiny_distilled_patch16_224": 13,
    "swin_tiny_patch4_window7_224": 5,
    "mixer_b16_224": 13,
    "densenet121": 5,
    "poolformer_s12": 1,
    "rdnet_tiny": 1,
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_stages_hold_every_parameter_once_and_the_last_one_is_worth_training(architecture: str) -> None:
    with torch.device("meta"):
        backbone = timm.create_model(architecture, num_classes=0)
    sizes = {name: parameter.numel() for name, parameter in backbone.named_parameters()}
    stages = stages_of(backbone)
    assert sorted(name for stage in stages for name in stage) == sorted(sizes)
    assert len(stages) >= ARCHITECTURES[architecture]
    assert sum(sizes[name] for name in stages[-1]) > 0.004 * sum(sizes.values())
    assert last_stages(backbone, 2)[0] == stages[-1]
    assert len(last_stages(backbone, 99)) == len(stages)


def test_a_pass_can_be_left_forwards_and_backwards() -> None:
    network = create(find_source(part(None, size=96), weights_file=None, seed=0))
    gate = Gate()
    make_interruptible(network, gate)
    images = torch.zeros(2, 96, 96, 3, dtype=torch.uint8)
    features = network.features(images)
    gate.terminating = True
    with pytest.raises(Interrupted):
        features.sum().backward()
    with pytest.raises(Interrupted):
        network.features(images)
    gate.terminating = False
    network.features(images).sum().backward()
