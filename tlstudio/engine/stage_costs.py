"""What each stage of a network costs: time forward and backward, arithmetic, activations; seen from hooks on its layers."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import stages_of


@dataclass(kw_only=True)
class Seen:
    """Of one stage, for one pass of a batch."""

    forward_s: float = 0.0
    backward_s: float = 0.0
    macs: int = 0
    kept_bytes: int = 0
    output_shape: tuple[int, ...] = ()


@dataclass(kw_only=True, eq=False)
class _Clock:
    """Time since the last mark belongs to the stage that was at work."""

    stages: list[Seen]
    device: torch.device
    at: int = 0
    is_backward: bool = False
    _since: float = field(default_factory=time.perf_counter)

    def mark(self, stage: int) -> None:
        """From here on `stage` is at work."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()
        now = time.perf_counter()
        seen = self.stages[self.at]
        if self.is_backward:
            seen.backward_s += now - self._since
        else:
            seen.forward_s += now - self._since
        self.at, self._since = stage, now


def look(network: Network, images: Tensor, *, pass_: Callable[[Tensor], Tensor], backward: bool) -> list[Seen]:
    """One pass of `images`, uint8[N, S, S, 3], through `pass_`; with `backward` also the way back from the sum of its answer.

    Times are of the whole batch, in seconds; multiply-accumulates, bytes and shapes are of one image.
    """
    names = stages_of(network.backbone)
    stage_by_name = {name: index for index, stage in enumerate(names) for name in stage}
    clock = _Clock(stages=[Seen() for _stage in names], device=images.device)
    with _hooked(network.backbone, stage_by_name, clock, backward=backward), _counting(network, clock, len(images), enabled=backward):
        clock.mark(0)
        clock.stages[0].forward_s = 0.0
        answer = pass_(images)
        clock.mark(len(names) - 1)
        if backward:
            loss = answer.float().square().mean()
            clock.mark(len(names) - 1)
            clock.is_backward = True
            loss.backward()  # type: ignore[no-untyped-call]
            clock.mark(0)
    return clock.stages


def num_parameters(network: Network) -> list[int]:
    """Of each stage."""
    sizes = {name: parameter.numel() for name, parameter in network.backbone.named_parameters()}
    return [sum(sizes[name] for name in stage) for stage in stages_of(network.backbone)]


@contextmanager
def _hooked(backbone: nn.Module, stage_by_name: dict[str, int], clock: _Clock, *, backward: bool) -> Iterator[None]:
    handles: list[Any] = []
    for name, module in backbone.named_modules():
        own = [f"{name}.{key}" if name else key for key, _parameter in module.named_parameters(recurse=False)]
        is_leaf = own and not any(True for child in module.children() for _parameter in child.parameters())
        if is_leaf:
            handles += _hook(module, stage_by_name[own[0]], clock, backward=backward)
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hook(module: nn.Module, stage: int, clock: _Clock, *, backward: bool) -> list[Any]:
    def begin(_module: nn.Module, _inputs: Any) -> None:
        clock.mark(stage)  # what ran since the last layer belongs to that one's stage

    def end(_module: nn.Module, _inputs: Any, output: Any) -> None:
        clock.mark(stage)
        if isinstance(output, Tensor):
            seen = clock.stages[stage]
            seen.macs += _macs(module, output)
            seen.output_shape = tuple(output.shape[1:])
            if backward and output.requires_grad:
                output.register_hook(lambda _gradient: clock.mark(stage))  # type: ignore[no-untyped-call]

    return [module.register_forward_pre_hook(begin), module.register_forward_hook(end)]


def _macs(module: nn.Module, output: Tensor) -> int:
    numbers = output.numel() // max(1, output.shape[0])
    if isinstance(module, nn.Conv2d):
        height, width = module.kernel_size
        return numbers * (module.in_channels // module.groups) * height * width
    return numbers * module.in_features if isinstance(module, nn.Linear) else 0


@contextmanager
def _counting(network: Network, clock: _Clock, num_images: int, *, enabled: bool) -> Iterator[None]:
    """Bytes that the way back needs, each piece of memory once and weights not at all."""
    if not enabled:
        yield
        return
    known = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            known.add(storage.data_ptr())
            clock.stages[clock.at].kept_bytes += storage.nbytes() // num_images
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield
