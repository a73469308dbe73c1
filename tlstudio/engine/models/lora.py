"""Low-rank adapters in a transformer's attention (Hu et al. 2022, equation 3): W + alpha / rank * up @ down, W itself stays frozen.

An adapter is a parametrization of a linear layer's weight, so it works where timm calls the layer and where it takes the weight out of it;
what the network computes with it is, to the bit, what the plain network computes with the merged weight.
"""

import math
import zlib
from collections.abc import Collection, Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from tlstudio.domain.recipe import LoraPart
from tlstudio.engine.models.stages import stages_of

_LAYERS = ("qkv", "q_proj", "k_proj", "v_proj", "proj")
_ORIGINAL = ".parametrizations.weight.original"
_ADAPTER = ".parametrizations.weight.0."


class Adapter(nn.Module):
    """`down` f32[rank, inputs] is random, `up` f32[outputs, rank] begins at nothing, so that training begins from the network as it was."""

    def __init__(self, weight: Tensor, part: LoraPart, generator: torch.Generator) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        bound = 1 / math.sqrt(inputs)
        down = torch.empty(part.rank, inputs).uniform_(-bound, bound, generator=generator)
        self.down = nn.Parameter(down.to(weight.device))
        self.up = nn.Parameter(torch.zeros(outputs, part.rank, device=weight.device))
        self._factor = part.alpha / part.rank

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self._factor * (self.up @ self.down)


def layers_by_stage(backbone: nn.Module) -> tuple[int, ...]:
    """How many layers of each stage an adapter can be given to, from the input to the last."""
    return tuple(sum(1 for _ in _layers(backbone, set(stage))) for stage in stages_of(backbone))


def put_in(backbone: nn.Module, part: LoraPart, names: Collection[str], *, seed: int) -> tuple[str, ...]:
    """Give the layers whose weights are among `names` adapters; the names of the adapters' parameters in the backbone.

    The random numbers of a layer depend on the seed, its name and its sizes alone.
    """
    found = []
    for name, layer in list(_layers(backbone, names)):
        generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
        parametrize.register_parametrization(layer, "weight", Adapter(layer.weight, part, generator))
        found += [f"{name}{_ADAPTER}{which}" for which in ("down", "up")]
    return tuple(found)


def take_out(network: nn.Module) -> None:
    """The network as it was before any adapter."""
    for layer in list(network.modules()):
        if isinstance(layer, nn.Linear) and parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)


@torch.no_grad()
def merged_state(network: nn.Module) -> dict[str, Tensor]:
    """The tensors of the plain network that computes the same: adapters are added to the weights they adapt."""
    state: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        if name.endswith(_ORIGINAL):
            layer = network.get_submodule(name.removesuffix(_ORIGINAL))
            assert isinstance(layer, nn.Linear)
            state[f"{name.removesuffix(_ORIGINAL)}.weight"] = layer.weight
        elif _ADAPTER not in name:
            state[name] = tensor
    return state


def _layers(backbone: nn.Module, names: Collection[str]) -> Iterator[tuple[str, nn.Linear]]:
    """Linear layers of attention whose weights are among `names`."""
    for name, module in backbone.named_modules():
        parent, _, own = name.rpartition(".")
        is_attention = parent.split(".")[-1] == "attn" and own in _LAYERS
        if is_attention and isinstance(module, nn.Linear) and f"{name}.weight" in names:
            yield name, module
