"""Batch norms folded into convolutions: the same function and the same gradients, and nothing of it outside a training step."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.models import folding
from tlstudio.engine.models.create import Source, create
from tlstudio.engine.models.folding import fold, judge_folded
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import stages_of
from tlstudio.engine.models.strided_depthwise import StridedDepthwise

SIZE_PX = 64
WITH_NORMS = ["test_resnet", "test_efficientnet", "tf_mobilenetv3_small_minimal_100"]


def network_of(architecture: str) -> Network:
    network = create(Source(architecture=architecture, arguments={}, preprocessing=Preprocessing(input_size_px=SIZE_PX), weights="random"))
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():  # as a trained network's norms: none of them does nothing
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                for name, tensor in module.state_dict(keep_vars=True).items():
                    if tensor.is_floating_point():
                        tensor.add_((0.5 if name != "running_var" else 1.0) * torch.rand(tensor.shape, generator=random))
    return network


def images(number: int) -> Tensor:
    return torch.randint(0, 256, (number, SIZE_PX, SIZE_PX, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def learnt(network: Network) -> tuple[Tensor, dict[str, Tensor]]:
    """Features and what every parameter is told to change."""
    network.zero_grad()
    features = network.features(images(3))
    features.sin().sum().backward()
    return features.detach(), {name: item.grad.clone() for name, item in network.named_parameters() if item.grad is not None}


@pytest.mark.parametrize("architecture", WITH_NORMS)
def test_folded_it_is_the_same_function_with_the_same_gradients(architecture: str) -> None:
    network = network_of(architecture)
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    assert {pair.norm for pair in folded.pairs} == {item for item in network.modules() if isinstance(item, nn.BatchNorm2d)}
    names = list(network.state_dict())
    exact = network.double()
    features, gradients = learnt(exact)
    with folded.stepping():
        found, found_gradients = learnt(exact)
        assert list(network.state_dict()) == names
    assert not torch.equal(found, features), "nothing was folded"
    assert torch.allclose(found, features, rtol=1e-9, atol=1e-12)
    assert found_gradients.keys() == gradients.keys() == dict(network.named_parameters()).keys()
    for name, gradient in gradients.items():
        assert torch.allclose(found_gradients[name], gradient, rtol=1e-8, atol=1e-10 * float(gradient.abs().max()) + 1e-14), name


@pytest.mark.parametrize("architecture", [*WITH_NORMS, "mobilenetv2_035"])
def test_where_nothing_is_learnt_it_is_folded_once_for_all_batches(architecture: str) -> None:
    network = network_of(architecture)
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    with torch.inference_mode():
        features = network.features(images(5))
        with folded.judging():
            found = network.features(images(5))
            computed = [item for pair in folded.pairs for item in pair.convolution.forward.__self__._folded]
            assert torch.equal(network.features(images(5)), found)
            again = [item for pair in folded.pairs for item in pair.convolution.forward.__self__._folded]
        assert all(one is other for one, other in zip(computed, again, strict=True))
        assert not torch.equal(found, features), "nothing was folded"
        assert float((found - features).abs().max()) < 2e-5 * float(features.abs().max())
        assert torch.equal(network.features(images(5)), features)


@pytest.mark.parametrize("architecture", WITH_NORMS)
def test_a_network_that_judges_by_two_views_is_folded_all_the_same(architecture: str) -> None:
    network = network_of(architecture)
    network.is_mirrored = True
    with torch.inference_mode():
        features = network.features(images(5))
        judge_folded(network, size_px=SIZE_PX)
        assert torch.equal(network.features(images(5)), features)
        with network.as_judged():
            found = network.features(images(5))
    assert not torch.equal(found, features), "nothing was folded"
    assert float((found - features).abs().max()) < 2e-5 * float(features.abs().max())


def test_weights_that_have_changed_are_folded_anew() -> None:
    network = network_of("test_resnet")
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    with torch.inference_mode():
        with folded.judging():
            before = network.features(images(5))
        folded.pairs[-1].convolution.weight.mul_(2)
        features = network.features(images(5))
        with folded.judging():
            found = network.features(images(5))
        assert float((found - before).abs().max()) > 1e-2 * float(features.abs().max())
        assert float((found - features).abs().max()) < 2e-5 * float(features.abs().max())


def test_a_network_that_stays_as_it_is_is_folded_once_for_all_times() -> None:
    network = network_of("test_resnet")
    judge_folded(network, size_px=SIZE_PX)
    times = []
    for _time in range(2):
        with torch.inference_mode(), network.as_judged():
            found = network.features(images(5))
            convolutions = [item for item in network.modules() if type(item) is nn.Conv2d and "forward" in item.__dict__]
            times.append((found, [item.forward.__self__._folded for item in convolutions]))
    (first, folded), (second, again) = times
    assert torch.equal(first, second)
    assert folded
    assert all(one is other for one, other in zip(folded, again, strict=True))


def test_what_was_judged_by_the_rule_of_before_is_judged_by_it_again() -> None:
    network = network_of("test_resnet")
    judge_folded(network, size_px=SIZE_PX, rule=1)
    with torch.inference_mode():
        plain = network.features(images(5))
        with network.as_judged():
            assert torch.equal(network.features(images(5)), plain)


def test_a_processor_without_bf16_computes_frozen_stages_by_the_usual_convolution(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that does the activation as well refuses bf16 there; the starter's network has many of these."""
    network = network_of("mobilenetv2_035")
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    fused = torch.ops.mkldnn._convolution_pointwise

    def refusing(maps: Tensor, *given: object) -> Tensor:
        assert maps.dtype != torch.bfloat16, "bf16 path needs the cpu support"
        return fused(maps, *given)  # type: ignore[no-any-return]

    monkeypatch.setattr(torch.ops.mkldnn, "_convolution_pointwise", refusing)
    monkeypatch.setattr(folding, "multiplies_bf16", lambda: False)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        plain = network.features(images(2))
        with folded.judging(pairs=folded.folded_once("bf16")):
            found = network.features(images(2))
    assert (found - plain).norm() < 0.1 * plain.norm()


def test_one_way_of_folding_within_the_other_is_refused() -> None:
    network = network_of("test_resnet")
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    with folded.stepping():
        stepping = network.features(images(2))
        with pytest.raises(AssertionError, match="already"), folded.judging():
            pass
        assert torch.equal(network.features(images(2)), stepping)


def test_off_the_processor_only_training_steps_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Apple GPU knows no double precision, and nothing of oneDNN."""
    network = network_of("test_resnet")
    monkeypatch.setattr(folding, "is_on_processor", lambda _network: False)
    monkeypatch.setattr(Tensor, "double", lambda _tensor: pytest.fail("no such type on this device"))
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    plain = network.features(images(2))
    with folded.stepping():
        assert not torch.equal(network.features(images(2)), plain), "nothing was folded"
    judge_folded(network, size_px=SIZE_PX)
    with network.as_judged():
        assert torch.equal(network.features(images(2)), plain)


class Staged(nn.Module):
    """The norm behind the second convolution belongs to a later stage than it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.first_norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.second, self.second_norm = nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)

    def group_matcher(self, coarse: bool) -> dict[str, object]:
        """As timm's networks have it."""
        return {"stem": r"^first|^second\.", "blocks": [(r"^second_norm", (1,))]}

    def forward(self, given: Tensor) -> Tensor:
        found: Tensor = self.second_norm(self.second(self.first_norm(self.first(given)))).mean((2, 3))
        return found


def test_a_norm_of_another_stage_is_not_folded_into_what_may_be_frozen() -> None:
    network = Network(Staged(), preprocessing=Preprocessing(input_size_px=SIZE_PX), num_features=4).eval()
    assert len(stages_of(network.backbone)) == 2
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    assert [pair.norm for pair in folded.pairs] == [network.backbone.first_norm]


def test_the_network_is_what_it_was_before_and_after() -> None:
    network = network_of("test_efficientnet")
    before, state = network.features(images(2)), {name: tensor.clone() for name, tensor in network.state_dict().items()}
    folded = fold(network, size_px=SIZE_PX)
    assert folded is not None
    with folded.stepping():
        network.features(images(2))
    assert torch.equal(network.features(images(2)), before)
    assert all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())


class Greedy(nn.Module):
    """What its convolution makes is read a second time, past the norm."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, given: Tensor) -> Tensor:
        made = self.convolution(given)
        return (self.norm(made) + made).mean((2, 3))


def test_what_is_read_past_the_norm_is_not_folded() -> None:
    network = Network(Greedy(), preprocessing=Preprocessing(input_size_px=SIZE_PX), num_features=4).eval()
    assert fold(network, size_px=SIZE_PX) is None


def test_a_network_without_batch_norms_has_nothing_to_fold() -> None:
    assert fold(network_of("test_convnext"), size_px=SIZE_PX) is None


@pytest.mark.parametrize("padding", [(1, 1), (0, 0)])
def test_a_strided_depthwise_layer_has_its_gradients(padding: tuple[int, int]) -> None:
    random = torch.Generator().manual_seed(0)
    given, weight, bias = (torch.randn(shape, generator=random).bfloat16() for shape in ((2, 16, 13, 13), (16, 1, 3, 3), (16,)))
    found, wanted = [], []
    for into, dtype in ((found, torch.bfloat16), (wanted, torch.float32)):
        inputs = [item.detach().to(dtype).requires_grad_() for item in (given, weight, bias)]
        if dtype is torch.bfloat16:
            made = StridedDepthwise.apply(*inputs, (2, 2), padding, (1, 1))
        else:
            made = functional.conv2d(*inputs, (2, 2), padding, (1, 1), 16)
        made.float().square().sum().backward()
        into += [made, *(item.grad for item in inputs)]
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine.dtype is torch.bfloat16
        assert torch.allclose(mine.float(), theirs, rtol=0.05, atol=0.02 * float(theirs.detach().abs().max()))
