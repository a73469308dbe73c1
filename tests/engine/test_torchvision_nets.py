"""torchvision's own classifiers as networks here: without their classifier, in stages, with the weights a person brings."""

from pathlib import Path

import msgspec
import pytest
import torch
from blake3 import blake3
from safetensors.torch import save_file
from torchvision.models import get_model

from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.engine.models import torchvision_nets
from tlstudio.engine.models.create import create, create_empty, find_source
from tlstudio.engine.models.input_channels import adapted
from tlstudio.engine.models.stages import last_stages, stages_of
from tlstudio.errors import TLStudioError
from tlstudio.zoo import catalogue
from tlstudio.zoo.match import match

SMALL = "torchvision/squeezenet1_1"

# One of each way torchvision builds a network, with the stages it has.
NETWORKS = {
    "alexnet": 4,
    "convnext_tiny": 8,
    "efficientnet_b0": 9,
    "googlenet": 12,
    "maxvit_t": 6,
    "mnasnet0_5": 7,
    "mobilenet_v3_small": 13,
    "regnet_x_400mf": 5,
    "shufflenet_v2_x0_5": 5,
    "squeezenet1_0": 9,
    "swin_v2_t": 8,
    "vgg11_bn": 6,
    "vit_b_32": 13,
}


def _on_meta(name: str) -> torch.nn.Module:
    with torch.device("cpu" if "regnet" in name else "meta"):  # RegNets compute their widths with tensors
        return torchvision_nets.build(name).to("meta").eval()


@pytest.mark.parametrize("plain", NETWORKS)
def test_a_network_is_the_one_of_its_row(plain: str) -> None:
    name = torchvision_nets.PREFIX + plain
    row = catalogue.load().by_name[name]
    network = _on_meta(name)
    assert sum(parameter.numel() for parameter in network.parameters()) == row.num_parameters
    features = network(torch.empty(2, 3, row.input_size_px, row.input_size_px, device="meta"))
    assert features.shape == (2, row.num_features)
    shapes = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    fit = match(shapes, catalogue.load())
    assert fit.is_exact
    assert [item.name for item in fit.networks] == [name]


@pytest.mark.parametrize(("plain", "num"), NETWORKS.items())
def test_its_stages_hold_every_parameter_once_and_in_order(plain: str, num: int) -> None:
    network = _on_meta(torchvision_nets.PREFIX + plain)
    sizes = {name: parameter.numel() for name, parameter in network.named_parameters()}
    stages = stages_of(network)
    assert sorted(name for stage in stages for name in stage) == sorted(sizes)
    assert len(stages) >= num - 1, [stage[0] for stage in stages]
    assert [name for stage in stages for name in stage] == list(sizes)
    assert last_stages(network, 1)[0] == stages[-1]


def test_every_row_can_be_made_by_name_and_nothing_else() -> None:
    rows = [network.name for network in catalogue.load().networks if network.name.startswith(torchvision_nets.PREFIX)]
    assert len(rows) == 65
    assert all(torchvision_nets.is_known(name) for name in rows)
    for name in ("squeezenet1_1", "torchvision/nonesuch", "torchvision/../os", "torchvision/"):
        assert not torchvision_nets.is_known(name)


def _weights(folder: Path, tensors: dict[str, torch.Tensor]) -> tuple[Path, str]:
    file = folder / "model.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    hash = blake3(file.read_bytes()).hexdigest()
    card = WeightsCard(hash=hash, architecture=SMALL, name="mine", preprocessing=Preprocessing(), num_classes=1000)
    (folder / "card.json").write_bytes(msgspec.json.encode(card))
    return file, hash


def test_weights_give_the_features_that_torchvisions_own_classifier_reads(tmp_path: Path) -> None:
    theirs = get_model("squeezenet1_1", weights=None).eval()
    file, hash = _weights(tmp_path, theirs.state_dict())
    network = create(find_source(NetworkPart(architecture=SMALL, weights=hash), weights_file=file, seed=0))
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        ours = network.features(images)
        expected = theirs.features(network.prepare(images)).mean((2, 3))
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-4)
    again = create_empty(SMALL, {}, Preprocessing())
    again.load_state_dict(network.state_dict())


def test_a_network_for_one_size_says_so_before_anything_starts() -> None:
    with pytest.raises(TLStudioError, match="224 px only"):
        find_source(NetworkPart(architecture="torchvision/vit_b_32", input_size_px=288), weights_file=None, seed=0)
    assert find_source(NetworkPart(architecture=SMALL, input_size_px=288), weights_file=None, seed=0).preprocessing.input_size_px == 288


@pytest.mark.parametrize("num", [1, 2, 4, 6])
def test_a_first_layer_for_other_channels_answers_as_before_where_channels_are_alike(num: int) -> None:
    weight = torch.randn(8, 1, 3, 3).repeat(1, num, 1, 1)
    read = adapted({"stem.weight": weight, "deep": torch.ones(8, 4, 3, 3)}, {"stem.weight": torch.empty(8, 3, 3, 3)})
    assert read["deep"].shape == (8, 4, 3, 3)
    grey = torch.rand(1, 1, 9, 9)
    before = torch.nn.functional.conv2d(grey.repeat(1, num, 1, 1), weight)
    after = torch.nn.functional.conv2d(grey.repeat(1, 3, 1, 1), read["stem.weight"])
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-4)


def test_a_set_for_grey_images_is_loaded(tmp_path: Path) -> None:
    tensors = dict(get_model("squeezenet1_1", weights=None).state_dict())
    grey = tensors["features.0.weight"][:, :1].clone()
    file, hash = _weights(tmp_path, {**tensors, "features.0.weight": grey})
    network = create(find_source(NetworkPart(architecture=SMALL, weights=hash), weights_file=file, seed=0))
    torch.testing.assert_close(network.backbone.state_dict()["features.0.weight"], grey.repeat(1, 3, 1, 1) / 3)
