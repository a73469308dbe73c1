"""The running average of the weights over the last steps: steadier than the weights of any one step (Polyak and Juditsky 1992).

Measured on flowers5 with mobilenetv2_100 over three splits: the fine-tuned network gains twice as much over its head with it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

_SHARE_OF_STEPS = 0.15
"""How far back it reaches, as a share of the whole training."""


class WeightAverage:
    """Follows `named` parameters; what is validated and kept is the average, what is trained are the weights themselves."""

    def __init__(self, named: Mapping[str, Tensor], *, num_steps: int) -> None:
        self._named = named
        self._reach = max(1.0, _SHARE_OF_STEPS * num_steps)
        self._other = {name: tensor.detach().clone() for name, tensor in named.items()}
        self._is_in_place = False

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """The weights themselves, wherever they are just now."""
        return self._other if self._is_in_place else self._named

    @property
    def average(self) -> Mapping[str, Tensor]:
        """The average, wherever it is just now."""
        return self._named if self._is_in_place else self._other

    @property
    def is_finite(self) -> bool:
        """Whether every number of the average is one; what was no number once stays in it."""
        return bool(torch.stack([tensor.detach().isfinite().all() for tensor in self.average.values()]).all())

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Take in the weights after `step` steps; early on the average reaches back over what there is."""
        share = max(1.0 / self._reach, 9.0 / (10.0 + step))
        torch._foreach_lerp_(list(self._other.values()), [tensor.detach() for tensor in self._named.values()], min(1.0, share))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within this, the network is the average."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def load(self, weights: Mapping[str, Tensor], average: Mapping[str, Tensor]) -> None:
        """Go to where a checkpoint was written."""
        for name, tensor in self._named.items():
            tensor.copy_(weights[name])
            self._other[name].copy_(average[name])

    def clear(self) -> None:
        """Give back its memory; it is of no more use then."""
        self._other.clear()

    def _swap(self) -> None:
        for name, tensor in self._named.items():
            tensor.data, self._other[name] = self._other[name], tensor.data
        self._is_in_place = not self._is_in_place
