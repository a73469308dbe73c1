"""The kinds of new last layers: features f32[N, D] in, logits f32[N, K] out.

All but the linear one first bring features to mean 0 and spread 1, with figures of the training images that stay as they are; so one
learning rate fits every network. The linear one has that folded into its weights.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from tlstudio.domain.recipe import HeadPart

_FIRST_SCALE = 10.0
"""How sure a cosine head can be before it has learned how sure to be."""


class Standardise(nn.Module):
    """`mean` and `factor` f32[D] of the training features, kept with the head."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.mean: Tensor
        self.factor: Tensor
        self.register_buffer("mean", torch.zeros(num_features))
        self.register_buffer("factor", torch.ones(num_features))

    def forward(self, features: Tensor) -> Tensor:
        return (features - self.mean) * self.factor


class CosineLayer(nn.Module):
    """Logits are cosines between features and one direction a class, times a scale that is learned.

    Gidaris and Komodakis 2018, equation 3; Chen et al. 2019 ("A closer look at few-shot classification"), section 3.2.
    """

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_classes, num_features) / math.sqrt(num_features))
        self.log_scale = nn.Parameter(torch.tensor(math.log(_FIRST_SCALE)))

    def forward(self, features: Tensor) -> Tensor:
        cosines = functional.linear(functional.normalize(features, dim=1), functional.normalize(self.weight, dim=1))
        return self.log_scale.exp() * cosines


def _linear(_part: HeadPart, num_features: int, num_classes: int) -> nn.Module:
    return nn.Linear(num_features, num_classes)


def _dropout(part: HeadPart, num_features: int, num_classes: int) -> nn.Module:
    return nn.Sequential(Standardise(num_features), nn.Dropout(part.dropout), nn.Linear(num_features, num_classes))


def _mlp(part: HeadPart, num_features: int, num_classes: int) -> nn.Module:
    inner, outer = nn.Linear(num_features, part.hidden), nn.Linear(part.hidden, num_classes)
    return nn.Sequential(Standardise(num_features), inner, nn.GELU(), nn.Dropout(part.dropout), outer)


def _cosine(_part: HeadPart, num_features: int, num_classes: int) -> nn.Module:
    return nn.Sequential(Standardise(num_features), CosineLayer(num_features, num_classes))


KINDS: dict[str, Callable[[HeadPart, int, int], nn.Module]] = {
    "linear": _linear,
    "dropout": _dropout,
    "mlp": _mlp,
    "cosine": _cosine,
}
"""How each kind of `domain.recipe.HeadKind` is made."""


def make_head(part: HeadPart, *, num_features: int, num_classes: int, seed: int = 0) -> nn.Module:
    """A head in evaluation mode on the CPU; its random numbers depend on `seed` alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return KINDS[part.kind](part, num_features, num_classes).eval()


def filled_head(part: HeadPart, tensors: Mapping[str, Tensor], *, num_features: int, num_classes: int) -> nn.Module:
    """A head with the values of a kept one. Raises `RuntimeError` where they are not of this kind and these sizes."""
    head = make_head(part, num_features=num_features, num_classes=num_classes)
    head.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return head
