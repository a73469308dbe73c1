"""A network as it is run on a processor: batch norms folded into the convolutions in front of them.

The backbone trains in evaluation mode, so a batch norm is a scale and a shift by channel, and (Jacob et al. 2018, equation 14)

    norm(conv(x; w, b)) = conv(x; s w, s b + beta - s mean),   s = gamma / sqrt(var + eps).

In training steps (`Folded.stepping`) the folded weights are computed anew every time, so gradients reach w, b, gamma and beta exactly; what
is saved is reading and writing every feature map once more forward and twice more backward. Where nothing is learnt (`Folded.judging`) they
are computed once, in double precision, and the convolution does the activation behind the norm as well. Modules, parameters and their
names stay as they are, and only within these contexts the modules compute so: what is kept and exported is the network itself.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.norm_act import BatchNormAct2d
from timm.layers.padding import get_same_padding, pad_same
from torch import Tensor, nn

from tlstudio.domain.plan import JUDGED_RULE
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import stages_of
from tlstudio.engine.models.strided_depthwise import StridedDepthwise
from tlstudio.log import logger

log = logger(__name__)

_CONVOLUTIONS, _NORMS = (nn.Conv2d, Conv2dSame), (nn.BatchNorm2d, BatchNormAct2d)
"""Exactly these: what a subclass does in its forward pass is not known."""
_FUSED: dict[type, tuple[str, list[float]]] = {nn.ReLU: ("relu", []), nn.ReLU6: ("hardtanh", [0.0, 6.0])}
"""Activations that oneDNN does while it writes what a convolution made: its name for them, and their numbers."""
_NUM_TRIED = 2
_SHAKEN, _TOLERANCE = 0.1, 1e-3
"""How far the norms are moved to tell apart what a norm that does nothing would hide, and the rounding that is allowed then."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A convolution, and the batch norm that is the only one to read what it makes."""

    convolution: nn.Conv2d
    norm: nn.BatchNorm2d

    def convolved(self, images: Tensor) -> Tensor:
        """What the norm makes of the convolution of feature maps [N, C, H, W]."""
        layer, norm = self.convolution, self.norm
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = torch.rsqrt(norm.running_var + norm.eps)
        scale = scale if norm.weight is None else scale * norm.weight
        shift = -norm.running_mean * scale if layer.bias is None else (layer.bias - norm.running_mean) * scale
        shift = shift if norm.bias is None else shift + norm.bias
        return _convolution(layer, images, layer.weight * scale.view(-1, 1, 1, 1), shift)

    def folded(self) -> tuple[Tensor, Tensor]:
        """The convolution's weight, in its layout, and bias [C] with the norm in them: in double precision, then rounded once."""
        layer, norm = self.convolution, self.norm
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = torch.rsqrt(norm.running_var.double() + norm.eps)
        scale = scale if norm.weight is None else scale * norm.weight.double()
        shift = -norm.running_mean * scale if layer.bias is None else (layer.bias.double() - norm.running_mean) * scale
        shift = shift if norm.bias is None else shift + norm.bias
        weight = torch.empty_like(layer.weight).copy_(layer.weight.double() * scale.view(-1, 1, 1, 1))
        return weight, shift.to(weight.dtype)

    def activated(self, images: Tensor) -> Tensor:
        """What the norm's module does besides."""
        if not isinstance(self.norm, BatchNormAct2d):
            return images
        found: Tensor = self.norm.act(self.norm.drop(images))
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Folded:
    """A network's pairs."""

    pairs: Sequence[Pair]

    @contextmanager
    def stepping(self) -> Iterator[None]:
        """Within this, the network computes as a training step does; by one thread at a time."""
        with _replaced_forwards([(pair.convolution, pair.convolved, pair.norm, pair.activated) for pair in self.pairs]):
            yield

    @contextmanager
    def judging(self, *, pairs: "Sequence[FoldedOnce] | None" = None) -> Iterator[None]:
        """Within this, it computes as where nothing is learnt: weights must not change and no gradient can be asked for.

        `pairs`: from `folded_once`, with weights that have not changed since; else they are folded anew.
        """
        pairs = self.folded_once() if pairs is None else pairs
        with _replaced_forwards([(item.pair.convolution, item.convolved, item.pair.norm, item.activated) for item in pairs]):
            yield

    def folded_once(self, precision: str = "fp32") -> "list[FoldedOnce]":
        """For all times of `judging` until the weights change; in bf16 for what is frozen while others train, within its autocast."""
        return [FoldedOnce(pair, precision) for pair in self.pairs]


class FoldedOnce:
    """A pair whose folded weights are computed once, when they are needed first."""

    def __init__(self, pair: Pair, precision: str = "fp32") -> None:
        self.pair = pair
        self._dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self._folded: tuple[Tensor, Tensor] | None = None
        is_fusible = _has_fused(self._dtype) and not isinstance(pair.convolution.padding, str)
        activation = getattr(pair.norm, "act", None)
        self._fused = _FUSED.get(type(activation)) if is_fusible and activation is not None else None

    def convolved(self, images: Tensor) -> Tensor:
        """As `Pair.convolved`, with the activation where that can be done in one go."""
        layer = self.pair.convolution
        if self._folded is None:
            weight, bias = self.pair.folded()
            self._folded = weight.to(self._dtype), bias.to(self._dtype)
        weight, bias = self._folded
        images, padding = _padded(layer, images.to(self._dtype))
        if self._fused is None:
            return torch.nn.functional.conv2d(images, weight, bias, layer.stride, padding, layer.dilation, layer.groups)
        name, numbers = self._fused
        found: Tensor = torch.ops.mkldnn._convolution_pointwise(
            images, weight, bias, padding, layer.stride, layer.dilation, layer.groups, name, numbers, ""
        )
        return found

    def activated(self, images: Tensor) -> Tensor:
        """What is left of the norm's module."""
        return self.pair.activated(images) if self._fused is None else images


def fold(network: Network, *, size_px: int) -> Folded | None:
    """The network's pairs, found by a pass of random images; None where there are none, or where folded it does not compute the same."""
    if not any(type(module) in _NORMS for module in network.backbone.modules()):
        return None
    random = torch.Generator().manual_seed(_NUM_TRIED)
    images = torch.randint(0, 256, (_NUM_TRIED, size_px, size_px, 3), dtype=torch.uint8, generator=random).to(network.scale.device)
    with torch.no_grad():
        pairs = _pairs(network, images)
        folded = Folded(pairs=pairs)
        if pairs and _computes_the_same(network, folded, images):
            return folded
    log.info("the batch norms of %s cannot be folded", type(network.backbone).__name__)
    return None


def is_on_processor(network: Network) -> bool:
    """Only there is what is judged folded: an Apple GPU has no double precision, and oneDNN is a processor's."""
    return network.scale.device.type == "cpu"


def judge_folded(network: Network, *, size_px: int, rule: int = JUDGED_RULE) -> None:
    """Have a network whose weights stay as they are judge with folded batch norms, where that is possible and `rule` says so.

    `rule`: `Plan.judged_rule` of the run whose answers are to be met again.
    """
    folded = fold(network, size_px=size_px) if rule >= JUDGED_RULE and is_on_processor(network) else None
    if folded is not None:
        network.as_judged = partial(folded.judging, pairs=folded.folded_once())


@contextmanager
def _replaced_forwards(forwards: Sequence[tuple[nn.Module, Any, nn.Module, Any]]) -> Iterator[None]:
    """Within this, each convolution and norm computes by the function beside it. Not to be nested: the inner end would be the outer's."""
    for convolution, _convolved, norm, _activated in forwards:
        assert "forward" not in convolution.__dict__, "this network computes with folded norms already"
        assert "forward" not in norm.__dict__, "this network computes with folded norms already"
    try:
        for convolution, convolved, norm, activated in forwards:
            convolution.__dict__["forward"] = convolved
            norm.__dict__["forward"] = activated
        yield
    finally:
        for convolution, _convolved, norm, _activated in forwards:
            del convolution.__dict__["forward"], norm.__dict__["forward"]


def _has_fused(dtype: torch.dtype) -> bool:
    is_there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    # Asked for bf16 it refuses on a processor that cannot multiply so, where the usual convolution finds a way.
    return is_there and hasattr(torch.ops.mkldnn, "_convolution_pointwise") and (dtype != torch.bfloat16 or multiplies_bf16())


def multiplies_bf16() -> bool:
    """Whether the processor has instructions for products in bf16."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _padded(layer: nn.Conv2d, images: Tensor) -> tuple[Tensor, Any]:
    """The feature maps and the padding that the convolution is still to do: TensorFlow's needs a copy only where it is uneven."""
    if not isinstance(layer, Conv2dSame):
        return images, layer.padding
    sides = zip(images.shape[-2:], layer.kernel_size, layer.stride, layer.dilation, strict=True)
    missing = [get_same_padding(side, kernel, stride, dilation) for side, kernel, stride, dilation in sides]
    if any(number % 2 for number in missing):
        return pad_same(images, list(layer.kernel_size), list(layer.stride), list(layer.dilation)), (0, 0)
    return images, tuple(number // 2 for number in missing)


def _convolution(layer: nn.Conv2d, images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    padding = layer.padding
    if isinstance(layer, Conv2dSame):
        images, padding = pad_same(images, list(layer.weight.shape[-2:]), list(layer.stride), list(layer.dilation)), (0, 0)
    if not isinstance(padding, str) and StridedDepthwise.is_faster(layer, images):
        found: Tensor = StridedDepthwise.apply(images.bfloat16(), weight.bfloat16(), bias.bfloat16(), layer.stride, padding, layer.dilation)
        return found
    return torch.nn.functional.conv2d(images, weight, bias, layer.stride, padding, layer.dilation, layer.groups)


def _pairs(network: Network, images: Tensor) -> list[Pair]:
    """Norms that read exactly what a convolution made, both called once in a pass."""
    made: dict[int, tuple[nn.Module, Tensor]] = {}
    found: list[tuple[nn.Module, nn.Module]] = []
    calls: Counter[nn.Module] = Counter()

    def look(module: nn.Module, given: tuple[Any, ...], result: Any) -> None:
        calls[module] += 1
        if type(module) in _CONVOLUTIONS:
            made[id(result)] = module, result  # the tensor is kept, so that its number stays its own
        elif id(given[0]) in made:
            found.append((made[id(given[0])][0], module))

    handles = [module.register_forward_hook(look) for module in network.backbone.modules() if type(module) in (*_CONVOLUTIONS, *_NORMS)]
    try:
        network.one_view(images)  # what judges by two views calls each module twice
    finally:
        for handle in handles:
            handle.remove()
    stages = _stage_by_parameter(network.backbone)
    return [
        Pair(convolution=layer, norm=norm)
        for layer, norm in found
        if isinstance(layer, nn.Conv2d)
        and isinstance(norm, nn.BatchNorm2d)
        and calls[layer] == calls[norm] == 1
        and _can_be_folded(layer, norm)
        and len({stages[parameter] for module in (layer, norm) for parameter in module.parameters()}) == 1
    ]


def _stage_by_parameter(backbone: nn.Module) -> dict[nn.Parameter, int]:
    """What is frozen ends with a stage: folded into a layer before that, a norm behind it would change activations that are kept."""
    parameters = dict(backbone.named_parameters())
    return {parameters[name]: index for index, stage in enumerate(stages_of(backbone)) for name in stage}


def _can_be_folded(layer: nn.Conv2d, norm: nn.BatchNorm2d) -> bool:
    is_free = "forward" not in layer.__dict__ and "forward" not in norm.__dict__
    return is_free and norm.running_mean is not None and not norm.training and layer.padding_mode == "zeros"


def _computes_the_same(network: Network, folded: Folded, images: Tensor) -> bool:
    """In steps and, on a processor, as is judged. Looked at with norms that do something; they are as they were afterwards."""
    tensors = [tensor for pair in folded.pairs for tensor in pair.norm.state_dict(keep_vars=True).values() if tensor.is_floating_point()]
    before = [tensor.clone() for tensor in tensors]
    random = torch.Generator().manual_seed(_NUM_TRIED)
    try:
        for tensor in tensors:
            tensor.add_(_SHAKEN * torch.rand(tensor.shape, generator=random).to(tensor.device))
        plain = network.one_view(images)
        for way in (folded.stepping, folded.judging) if is_on_processor(network) else (folded.stepping,):
            with way():
                difference = network.one_view(images) - plain
            if not difference.norm() <= _TOLERANCE * plain.norm():
                return False
        return True
    finally:
        for tensor, values in zip(tensors, before, strict=True):
            tensor.copy_(values)
