"""The solved head: multinomial logistic regression on cached features, its penalty chosen on validation.

Minimises mean cross-entropy (weighted by class where asked) + penalty / 2 * |W|^2 on standardised features by L-BFGS (Nocedal and
Wright 2006, algorithm 7.5, with a backtracking line search); penalties are tried from the strongest to the weakest, each
starting from the solution before it. Convex, so there is nothing to tune.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_MEMORY = 10
_MAX_ITERATIONS = 150
_GRADIENT_TOLERANCE = 1e-4
_LOSS_TOLERANCE = 1e-6
_SINGLE_PRECISION_FROM = 20_000_000
_THREADS_FROM = 8_000_000
"""Feature values from which single precision is used: half the memory, twice the speed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Features f32[N, D] with their class indices i64[N]."""

    features: Floats
    targets: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Iteration:
    """One step of the solver. `loss` is the mean cross-entropy on the training rows."""

    number: int
    penalty_index: int
    loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class SolvedHead:
    """A head of any kind as it was found. Of a linear one `weight` f32[K, D] and `bias` f32[K], for features as they are."""

    tensors: Mapping[str, NDArray[np.float32]]
    """By their names in a head of its kind, see `engine.models.heads`."""
    penalty: float
    validation_loss: dict[float, float] = field(default_factory=dict)
    fold_loss: dict[float, float] = field(default_factory=dict)
    """By penalty, of a cross-validation within the training images; empty where validation chose."""

    @property
    def weight(self) -> NDArray[np.float32]:
        """f32[K, D] of a linear head."""
        return self.tensors["weight"]

    @property
    def bias(self) -> NDArray[np.float32]:
        """f32[K] of a linear head."""
        return self.tensors["bias"]


def solve(
    train: Rows,
    validation: Rows,
    *,
    num_classes: int,
    penalties: tuple[float, ...],
    class_weights: NDArray[np.float64] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Generator[Iteration, None, SolvedHead]:
    """Try `penalties` and return the head with the lowest loss on `validation`.

    `should_stop` is asked between penalties once there is a head: the best so far is returned then.
    """
    dtype = np.float32 if train.features.size > _SINGLE_PRECISION_FROM else np.float64
    mean, scale = spread(train.features)
    problem = Problem(standardised(train, mean, scale, dtype), num_classes, class_weights)
    judge = Problem(standardised(validation, mean, scale, dtype), num_classes, class_weights)
    point: Floats = np.zeros((problem.num_inputs + 1) * num_classes, dtype)
    best: tuple[float, float, Floats] | None = None
    losses: dict[float, float] = {}
    number = 0
    for index, penalty in enumerate(sorted(penalties, reverse=True)):
        for better, loss in minimise(problem, point, penalty):
            point, number = better, number + 1
            yield Iteration(number=number, penalty_index=index, loss=loss)
        losses[penalty] = judge.loss(point)
        if best is None or losses[penalty] < best[0]:
            best = (losses[penalty], penalty, point)
        if should_stop():
            break
    assert best is not None
    weight, bias = _unfolded(best[2], num_classes, mean, scale)
    return SolvedHead(tensors={"weight": weight, "bias": bias}, penalty=best[1], validation_loss=losses)


def spread(features: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What brings features [N, D] to mean 0 and standard deviation 1: mean f64[D], and a factor f64[D], 0 where a feature never changes."""
    mean = features.mean(axis=0, dtype=np.float64)
    std = features.std(axis=0, dtype=np.float64)
    return mean, np.where(std > 1e-6 * max(1e-12, float(std.max(initial=0.0))), 1.0 / np.maximum(std, 1e-12), 0.0)


def standardised(rows: Rows, mean: Floats, scale: Floats, dtype: type[np.floating]) -> Rows:
    """Rows with the features that a `Problem` is solved on."""
    return Rows(features=((rows.features - mean) * scale).astype(dtype), targets=rows.targets)


def _unfolded(point: Floats, num_classes: int, mean: Floats, scale: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    matrix = point.reshape(num_classes, -1).astype(np.float64)
    weight = matrix[:, :-1] * scale
    return weight.astype(np.float32), (matrix[:, -1] - weight @ mean).astype(np.float32)


class Problem:
    """Mean cross-entropy of rows and its gradient; a point is K x (D + 1) numbers, the bias last."""

    def __init__(self, rows: Rows, num_classes: int, class_weights: NDArray[np.float64] | None) -> None:
        self._features = rows.features
        self._targets = rows.targets
        self._rows = np.arange(len(rows.targets))
        self._num_classes = num_classes
        weights = np.ones(len(rows.targets)) if class_weights is None else class_weights[rows.targets]
        self._weights = (weights / max(1e-12, weights.sum())).astype(rows.features.dtype)

    @property
    def num_inputs(self) -> int:
        """D."""
        return int(self._features.shape[1])

    def loss(self, point: Floats) -> float:
        """Cross-entropy."""
        return self.forward(point)[0]

    def loss_and_gradient(self, point: Floats, penalty: float) -> tuple[float, float, Floats]:
        """Cross-entropy, cross-entropy with the penalty, and the gradient of the latter."""
        loss, probabilities = self.forward(point)
        probabilities[self._rows, self._targets] -= 1.0
        probabilities *= self._weights[:, None]
        matrix = point.reshape(self._num_classes, -1)
        gradient = np.empty_like(matrix)
        gradient[:, :-1] = probabilities.T @ self._features + penalty * matrix[:, :-1]
        gradient[:, -1] = probabilities.sum(axis=0)
        return loss, loss + 0.5 * penalty * float(np.square(matrix[:, :-1]).sum()), gradient.ravel()

    def forward(self, point: Floats) -> tuple[float, Floats]:
        """Cross-entropy, and the probabilities [N, K] of the rows."""
        matrix = point.reshape(self._num_classes, -1)
        logits = self._features @ matrix[:, :-1].T + matrix[:, -1]
        logits -= logits.max(axis=1, keepdims=True)
        chosen = logits[self._rows, self._targets]
        np.exp(logits, out=logits)
        total = logits.sum(axis=1)
        logits /= total[:, None]
        return float((self._weights * (np.log(total) - chosen)).sum()), logits


def blas_threads(num_values: int) -> int | None:
    """Threads for heads on so many feature values; None for all.

    Threads that wait for each other cost more than they bring: 11 times the processor's time for 210 images, 3 times for 1,000.
    """
    return 1 if num_values < _THREADS_FROM else None


def minimise(problem: Problem, point: Floats, penalty: float) -> Iterator[tuple[Floats, float]]:
    """L-BFGS from `point`; yields each better point with its cross-entropy."""
    history: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    loss, value, gradient = problem.loss_and_gradient(point, penalty)
    yield point, loss
    for _iteration in range(_MAX_ITERATIONS):
        if float(np.abs(gradient).max(initial=0.0)) < _GRADIENT_TOLERANCE:
            return
        direction = -_two_loop(gradient, history)
        slope = float(direction @ gradient)
        size = 1.0 if history else min(1.0, 1.0 / max(1e-12, float(np.abs(gradient).sum())))
        for _halving in range(25):
            candidate = point + (size * direction).astype(point.dtype)
            loss, new_value, new_gradient = problem.loss_and_gradient(candidate, penalty)
            if new_value <= value + 1e-4 * size * slope:
                break
            size *= 0.5
        else:
            return
        step, change = candidate - point, new_gradient - gradient
        curvature = float(step @ change)
        if curvature > 1e-12 * float(change @ change):
            history.append((step, change, 1.0 / curvature))
        gain = value - new_value
        point, value, gradient = candidate, new_value, new_gradient
        yield point, loss
        if gain < _LOSS_TOLERANCE * max(1.0, abs(value)):
            return


def _two_loop(gradient: Floats, history: deque[tuple[Floats, Floats, float]]) -> Floats:
    """The inverse Hessian of the last few steps, applied to the gradient."""
    direction = gradient.copy()
    alphas = []
    for step, change, rho in reversed(history):
        alpha = rho * float(step @ direction)
        direction -= alpha * change
        alphas.append(alpha)
    if history:
        step, change, rho = history[-1]
        direction *= 1.0 / (rho * float(change @ change))
    for (step, change, rho), alpha in zip(history, reversed(alphas), strict=True):
        direction += (alpha - rho * float(change @ direction)) * step
    return direction
