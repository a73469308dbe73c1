"""Two halves that are the whole network, to the bit, for whatever timm calls a network; and none where that cannot be."""

import pytest
import torch
from torch import Tensor, nn

from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.models.create import Source, create
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.split import split
from tlstudio.engine.models.stages import last_stages

SIZE_PX = 96


def network_of(architecture: str) -> Network:
    arguments = {"img_size": SIZE_PX} if "vit" in architecture else {}
    preprocessing = Preprocessing(input_size_px=SIZE_PX)
    return create(Source(architecture=architecture, arguments=arguments, preprocessing=preprocessing, weights="random"))


def images(number: int) -> Tensor:
    return torch.randint(0, 256, (number, SIZE_PX, SIZE_PX, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("num_stages", [1, 2])
@pytest.mark.parametrize(
    "architecture",
    ["test_resnet", "test_efficientnet", "test_convnext", "test_vit", "test_vit3", "test_mambaout", "resnet18", "vit_tiny_patch16_224"],
)
def test_the_halves_are_the_whole_and_all_that_trains_is_behind_the_cut(architecture: str, num_stages: int) -> None:
    network = network_of(architecture)
    halves = split(network, num_stages, size_px=SIZE_PX)
    assert halves is not None
    batch = images(5)
    activations = halves.before(batch).detach().contiguous().clone()
    assert activations.shape == (5, *halves.shape)
    features = halves.after(activations)
    assert torch.equal(features, network.features(batch))
    network.zero_grad()
    features.sum().backward()
    opened = {name for stage in last_stages(network.backbone, num_stages) for name in stage}
    reached = {name for name, parameter in network.backbone.named_parameters() if parameter.grad is not None}
    assert opened <= reached
    front = {id(parameter) for parameter in halves.front.parameters()}
    assert front
    assert not front & {id(parameter) for name, parameter in network.backbone.named_parameters() if name in opened}


def test_whatever_training_changes_is_changed_in_the_half_too() -> None:
    network = network_of("test_resnet")
    halves = split(network, 1, size_px=SIZE_PX)
    assert halves is not None
    activations = halves.before(images(3)).contiguous()
    before = halves.after(activations)
    with torch.no_grad():
        for name in last_stages(network.backbone, 1)[0]:
            parameter = network.backbone.get_parameter(name)
            parameter.data = parameter.data * 1.1
    after = halves.after(activations)
    assert not torch.equal(before, after)
    assert torch.equal(after, network.features(images(3)))


def test_there_is_no_cut_where_all_trains() -> None:
    assert split(network_of("test_resnet"), 64, size_px=SIZE_PX) is None


class Toy(nn.Module):
    """Three stages; what else it does is a `habit`."""

    def __init__(self, habit: str = "") -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=16, padding=1)
        self.blocks = nn.Sequential(*(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3)))
        self.num_features = 4
        self.habit = habit
        self.count = 0

    def group_matcher(self, *, coarse: bool = False) -> dict[str, object]:
        return {"stem": r"^stem", "blocks": r"^blocks\.(\d+)"}

    def forward(self, x: Tensor) -> Tensor:
        x = first = self.stem(x)
        x = self.blocks(x)
        if self.habit == "skips":
            x = x + first
        if self.habit == "counts":
            self.count += 1
            x = x + self.count
        if self.habit == "looks at the number of images" and x.shape[0] > 2:
            x = 2 * x
        if self.habit == "looks at the size" and x.shape[2] > 2:
            x = 3 * x
        return x.mean((2, 3))


def toy(habit: str = "") -> Network:
    torch.manual_seed(0)
    return Network(Toy(habit), preprocessing=Preprocessing(input_size_px=SIZE_PX), num_features=4).eval()


@pytest.mark.parametrize(("habit", "boundary"), [("", "blocks_1"), ("skips", "stem"), ("looks at the size", "blocks_1")])
def test_the_cut_lies_where_a_single_tensor_stands_for_all_before_it(habit: str, boundary: str) -> None:
    network = toy(habit)
    halves = split(network, 1, size_px=SIZE_PX)
    assert halves is not None
    assert halves.boundary == boundary
    assert torch.equal(halves.after(halves.before(images(4))), network.features(images(4)))


@pytest.mark.parametrize("habit", ["counts", "looks at the number of images"])
def test_halves_that_do_not_make_the_whole_are_refused(habit: str) -> None:
    assert split(toy(habit), 1, size_px=SIZE_PX) is None
