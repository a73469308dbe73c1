"""What each stage of a network does with one image: multiply-accumulates, what it hands on, what a backward pass needs kept.

The network stays on the meta device. A module whose parameters all are of one stage makes that the current stage when it is entered;
whatever is computed until another is entered counts there. Attention that torch has a fused kernel for is counted as that does it: queries,
keys, values and result are kept, not the square of weights.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


@dataclass
class StageCosts:
    """By stage, from the input on; `outputs` are shapes of one image: [C, H, W] or [tokens, D]."""

    macs: list[int]
    outputs: list[list[int]]
    kept: list[int]


@dataclass
class _Account:
    stage: int = 0
    macs: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    outputs: dict[int, list[int]] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    alive: dict[int, Any] = field(default_factory=dict)
    """Storages that are counted already, held so that none takes the address of another."""
    is_head: bool = False


class _Macs(TorchDispatchMode):
    """Adds what torch's own formulas say of every operation to the current stage."""

    def __init__(self, account: _Account) -> None:
        super().__init__()
        self.account = account

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func._overloadpacket not in flop_registry and func is not torch.ops.prim.device.default:
            with self:
                done = func.decompose(*args, **kwargs)
            if done is not NotImplemented:
                return done
        out = func(*args, **kwargs)
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.account.macs[self.account.stage] += formula(*args, **kwargs, out_val=out) // 2
        return out


class _FusedAttention(torch.autograd.Function):
    """Attention that keeps what a fused kernel keeps."""

    @staticmethod
    def forward(ctx: Any, query: Any, key: Any, value: Any) -> Any:
        weights = torch.matmul(query, key.transpose(-2, -1))
        out = torch.matmul(weights.softmax(-1), value)
        ctx.save_for_backward(query, key, value, out)
        return out

    @staticmethod
    def backward(ctx: Any, *_gradients: Any) -> Any:
        raise NotImplementedError


def _attention(query: Any, key: Any, value: Any, *_arguments: Any, enable_gqa: bool = False, **_named: Any) -> Any:
    if enable_gqa:
        key, value = (part.repeat_interleave(query.shape[-3] // part.shape[-3], -3) for part in (key, value))
    return _FusedAttention.apply(query, key, value)


def stage_costs(backbone: torch.nn.Module, stages: tuple[tuple[str, ...], ...], input_size: tuple[int, int, int]) -> StageCosts:
    """Run one image through the backbone, which is on the meta device. Raises what the network raises where it cannot be run there."""
    account = _Account()
    with _watched(backbone, stages, account), patch.object(functional, "scaled_dot_product_attention", _attention):
        # Held, because a network may put another buffer in the place of one (ConViT), whose address would be taken again.
        weights = {_storage(tensor): tensor.untyped_storage() for tensor in [*backbone.parameters(), *backbone.buffers()]}
        image = torch.empty((1, *input_size), device="meta")
        with torch.device("meta"), _Macs(account), _keeping(account, weights):
            features = backbone.forward_features(image)  # type: ignore[operator]
            account.is_head = True
            with suppress(NotImplementedError):  # encoders of language models have no head
                backbone.forward_head(features)  # type: ignore[operator]
    places = range(len(stages))
    return StageCosts([account.macs[n] for n in places], _outputs(account, len(stages)), [account.kept[n] for n in places])


@contextmanager
def _watched(backbone: torch.nn.Module, stages: tuple[tuple[str, ...], ...], account: _Account) -> Any:
    place = {name: number for number, names in enumerate(stages) for name in names}
    owner: dict[str, set[int]] = defaultdict(set)
    for name, number in place.items():
        parts = name.split(".")
        for length in range(len(parts)):
            owner[".".join(parts[:length])].add(number)
    handles = []
    for name, module in backbone.named_modules():
        stages_inside = owner.get(name, set())
        if len(stages_inside) == 1:
            (number,) = stages_inside
            handles.append(module.register_forward_pre_hook(_entering(account, number)))
        if len(stages_inside) < 2:
            handles.append(module.register_forward_hook(_leaving(account)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _entering(account: _Account, number: int) -> Any:
    def hook(_module: Any, _inputs: Any) -> None:
        account.stage = number

    return hook


def _leaving(account: _Account) -> Any:
    def hook(_module: Any, _inputs: Any, output: Any) -> None:
        shape = _shape(output)
        if shape is not None and not (account.is_head and account.stage in account.outputs):
            account.outputs[account.stage] = shape

    return hook


def _outputs(account: _Account, num_stages: int) -> list[list[int]]:
    """A stage that is nothing but parameters, such as positions, hands on what it was given."""
    found: list[list[int]] = []
    for number in range(num_stages):
        found.append(account.outputs.get(number) or (found[-1] if found else account.outputs[min(account.outputs)]))
    return found


def _shape(output: Any) -> list[int] | None:
    """Of one image, channels first; None where this is no map and no row of tokens."""
    if isinstance(output, (tuple, list)):
        output = output[-1] if output else None
    if not isinstance(output, torch.Tensor) or output.ndim not in (3, 4) or output.shape[0] != 1:
        return None
    shape = list(output.shape[1:])
    if len(shape) == 3 and shape[0] == shape[1] != shape[2]:
        shape = [shape[2], shape[0], shape[1]]
    return shape


def _keeping(account: _Account, weights: Mapping[int, Any]) -> Any:
    def pack(tensor: Any) -> Any:
        place = _storage(tensor)
        if place not in weights and place not in account.alive:
            account.alive[place] = tensor.untyped_storage()
            account.kept[account.stage] += tensor.untyped_storage().nbytes() // tensor.element_size()
        return tensor

    return torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)


def _storage(tensor: Any) -> int:
    return int(tensor.untyped_storage()._cdata)
