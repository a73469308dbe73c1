"""Heads that cannot be solved: trained on cached features by gradient steps, their weight decay and their length chosen on validation.

AdamW (Loshchilov and Hutter 2019) with the learning rate falling along a cosine. Each of the recipe's penalties is tried as weight decay,
from the strongest to the weakest, from the same random numbers; after each epoch the loss on validation is taken, and the best of all
is kept. Order and dropout are functions of (seed, penalty, step): what is done between two steps changes nothing.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tlstudio.domain.recipe import HeadPart
from tlstudio.engine.head import Iteration, Rows, SolvedHead, spread
from tlstudio.engine.models.heads import Standardise, make_head

_LEARNING_RATE = 0.1
"""For features of width 1; it falls with the root of the width, as what a step of all weights together changes in a logit does."""
_SMALLEST_BATCH, _LARGEST_BATCH = 32, 1024
_BATCHES_AN_EPOCH = 16
_MIN_EPOCHS, _MIN_STEPS = 12, 300
_PATIENCE = 0.25
"""Share of the epochs without a lower loss on validation after which a penalty is given up."""
_TELL_EVERY_S = 0.1
_WORTH_THREADS = 20_000_000
"""Multiplications from which more than one thread is worth the waiting for each other: on a busy machine that is ten times longer."""


def descend(
    train: Rows,
    validation: Rows,
    *,
    num_classes: int,
    part: HeadPart,
    class_weights: NDArray[np.float64] | None = None,
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Generator[Iteration, None, SolvedHead]:
    """Try `part.penalties` and return the head with the lowest loss on `validation`.

    `should_stop` is asked after each epoch once there is a head: the best so far is returned then.
    """
    weights = None if class_weights is None else torch.from_numpy(class_weights).float()
    judged = _Judged(validation, weights)
    number, losses = 0, dict[float, float]()
    best: tuple[float, float, dict[str, Tensor]] | None = None
    for index, penalty in enumerate(sorted(part.penalties, reverse=True)):
        descent = _Descent(train, part, num_classes=num_classes, weights=weights, penalty=penalty, seed=seed)
        without_gain = 0
        for epoch in range(descent.num_epochs):
            for loss in descent.steps(epoch):
                number += 1
                yield Iteration(number=number, penalty_index=index, loss=loss)
            found = judged.loss(descent.head)
            without_gain = 0 if found < losses.get(penalty, math.inf) else without_gain + 1
            losses[penalty] = min(found, losses.get(penalty, math.inf))
            if best is None or found < best[0]:
                best = (found, penalty, {name: tensor.clone() for name, tensor in descent.head.state_dict().items()})
            if should_stop() or without_gain > _PATIENCE * descent.num_epochs:
                break
        if should_stop():
            break
    assert best is not None
    return SolvedHead(tensors={name: tensor.numpy() for name, tensor in best[2].items()}, penalty=best[1], validation_loss=losses)


class _Judged:
    """Validation rows, and what a head loses on them."""

    def __init__(self, rows: Rows, weights: Tensor | None) -> None:
        self._features, self._targets = torch.from_numpy(rows.features).float(), torch.from_numpy(rows.targets)
        self._weights = weights

    def loss(self, head: nn.Module) -> float:
        """Mean cross-entropy, weighted by class where asked; infinite where it is no number."""
        with torch.inference_mode(), _threads_for(head, len(self._targets)):
            loss = float(functional.cross_entropy(head.eval()(self._features), self._targets, weight=self._weights))
        return loss if math.isfinite(loss) else math.inf


class _Descent:
    """One training of a head with one weight decay."""

    def __init__(self, rows: Rows, part: HeadPart, *, num_classes: int, weights: Tensor | None, penalty: float, seed: int) -> None:
        num_images, num_features = rows.features.shape
        self.head = make_head(part, num_features=num_features, num_classes=num_classes, seed=seed)
        _standardise(self.head, rows)
        self._features, self._targets = torch.from_numpy(rows.features).float(), torch.from_numpy(rows.targets)
        self._weights, self._seed = weights, seed
        batch = min(_LARGEST_BATCH, max(_SMALLEST_BATCH, num_images // _BATCHES_AN_EPOCH))
        self._num_batches = math.ceil(num_images / batch)
        self.num_epochs = max(_MIN_EPOCHS, math.ceil(_MIN_STEPS / self._num_batches))
        biases = [parameter for name, parameter in self.head.named_parameters() if name.endswith("bias")]
        others = [parameter for name, parameter in self.head.named_parameters() if not name.endswith("bias")]
        groups = [{"params": others, "weight_decay": penalty}, {"params": biases, "weight_decay": 0.0}]
        self._rate = _LEARNING_RATE / math.sqrt(num_features)
        self._optimizer = torch.optim.AdamW(groups, lr=self._rate)

    def steps(self, epoch: int) -> Iterator[float]:
        """Train one epoch; yields the loss of its last step, and of steps between where it takes long."""
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._targets))
        told = time.monotonic()
        for number, rows in enumerate(np.array_split(order, self._num_batches), 1):
            with _threads_for(self.head, len(rows)):
                loss = self._step(torch.from_numpy(rows), epoch * self._num_batches + number - 1)
            if number == self._num_batches or time.monotonic() - told > _TELL_EVERY_S:
                told = time.monotonic()
                yield float(loss)

    def _step(self, rows: Tensor, step: int) -> Tensor:
        torch.manual_seed(self._seed * 1_000_003 + step)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * 0.5 * (1 + math.cos(math.pi * step / (self.num_epochs * self._num_batches)))
        logits = self.head.train()(self._features[rows])
        loss = functional.cross_entropy(logits, self._targets[rows], weight=self._weights)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return loss.detach()


@contextmanager
def _threads_for(head: nn.Module, num_images: int) -> Iterator[None]:
    """One thread for little work. How much it is depends on the sizes alone, so the same head has the same bits again."""
    before = torch.get_num_threads()
    is_little = num_images * sum(parameter.numel() for parameter in head.parameters()) < _WORTH_THREADS
    torch.set_num_threads(1 if is_little else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _standardise(head: nn.Module, rows: Rows) -> None:
    mean, factor = spread(rows.features)
    for module in head.modules():
        if isinstance(module, Standardise):
            module.mean.copy_(torch.from_numpy(mean))
            module.factor.copy_(torch.from_numpy(factor))
