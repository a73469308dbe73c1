"""The heads of all folds and all penalties at once: what a ranking judges a network's features by, and what a penalty is chosen by.

In a ranking, for each fold a penalty is chosen on the fold after it by heads that learned from the others, then a head that learned from
all other folds answers it: what is judged has no say in either, as in `engine.crossvalidate`. All these heads are one batch of convex
problems (multinomial logistic regression with an L2 penalty on standardised features), so that a step is one product of matrices for all.

Features are standardised by all images, whose labels that does not look at, and turned into their principal axes, which leaves the
penalty as it is. There the curvature of each problem has the diagonal bound s / 2 + penalty, s the mean square along an axis (Boehning
1992, "Multinomial logistic regression algorithm"); measured in it, L-BFGS (Nocedal and Wright 2006, algorithm 7.5) needs few steps.
"""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_MEMORY = 6
_MAX_STEPS = 60
_ROUGH, _FINE = 1e-4, 1e-5
"""Relative gain of a step from which a head counts as solved: where penalties are compared, and where answers are given."""
_MOST_LOGITS = 30_000_000
"""Numbers of one step's answers; problems that would make more are solved in turns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldAnswers:
    """`predicted`: i64[N], each image answered by a head that had not seen its fold. `penalties`: what was chosen, by fold."""

    predicted: NDArray[np.int64]
    penalties: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """`axes`: f32[N, R + 1], principal coordinates and a column of ones; `curvature`: f32[R + 1], half the mean square of each."""

    axes: Floats
    curvature: Floats
    targets: NDArray[np.int64]
    num_classes: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Problems:
    """B heads to be solved: `weights` f32[N, B], what a row counts in each (0 where it is not learned from), `penalties` f32[B]."""

    weights: Floats
    penalties: Floats

    def some(self, chosen: slice | NDArray[np.intp]) -> "_Problems":
        return _Problems(weights=self.weights[:, chosen], penalties=self.penalties[chosen])


def answer_folds(
    features: Floats, targets: NDArray[np.int64], folds: NDArray[np.int64], *, num_classes: int, penalties: Sequence[float]
) -> Generator[None, None, FoldAnswers]:
    """Answers for `features` f32[N, D] of the classes `targets` i64[N], dealt into `folds` i64[N], 0 to F - 1, none empty, F >= 3.

    Yields after every step, so that the caller can obey and say that it is alive.
    """
    num_folds = int(folds.max()) + 1
    rows = _rows(features, targets, num_classes)
    ordered = sorted(penalties, reverse=True)
    strengths = np.array(ordered, np.float32)
    after = (np.arange(num_folds) + 1) % num_folds
    # Problem (fold, penalty) learns from what is neither judged nor chooses.
    is_learned = np.stack([(folds != fold) & (folds != after[fold]) for fold in range(num_folds)], axis=1)
    tried = _Problems(weights=_shares(np.repeat(is_learned, len(strengths), axis=1)), penalties=np.tile(strengths, num_folds))
    points = yield from _solve(rows, tried, None, tolerance=_ROUGH)
    points = points.reshape(len(points), num_folds, len(strengths), num_classes)
    losses = _losses(rows, points, (folds - 1) % num_folds)
    chosen = np.array([losses[folds == after[fold]].mean(axis=0).argmin() for fold in range(num_folds)])
    start = points[:, np.arange(num_folds), chosen]
    judging = _Problems(weights=_shares(np.stack([folds != fold for fold in range(num_folds)], axis=1)), penalties=strengths[chosen])
    solved = yield from _solve(rows, judging, np.ascontiguousarray(start), tolerance=_FINE)
    predicted = np.empty(len(targets), np.int64)
    for part, logits in _judged(rows, solved[:, :, None], folds):
        predicted[part] = logits[:, 0].argmax(axis=1)
    return FoldAnswers(predicted=predicted, penalties=tuple(ordered[index] for index in chosen))


def penalty_losses(
    features: Floats,
    targets: NDArray[np.int64],
    folds: NDArray[np.int64],
    *,
    num_classes: int,
    penalties: Sequence[float],
    class_weights: NDArray[np.float64] | None = None,
) -> Generator[None, None, dict[float, float]]:
    """Cross-entropy under each penalty, every image judged by a head that learned from the other folds; the arguments are those above.

    `class_weights` f64[K] count in learning and in judging. Yields after every step.
    """
    num_folds = int(folds.max()) + 1
    rows = _rows(features, targets, num_classes)
    strengths = np.array(sorted(penalties, reverse=True), np.float32)
    counts = np.ones(len(targets)) if class_weights is None else class_weights[targets]
    is_judged = np.stack([folds == fold for fold in range(num_folds)], axis=1)
    learned = np.repeat(~is_judged * counts[:, None], len(strengths), axis=1)
    points = yield from _solve(rows, _Problems(weights=_shares(learned), penalties=np.tile(strengths, num_folds)), None, tolerance=_ROUGH)
    losses = _losses(rows, points.reshape(len(points), num_folds, len(strengths), num_classes), folds)
    means = np.average(losses.astype(np.float64), axis=0, weights=counts)
    return {penalty: float(loss) for penalty, loss in zip(sorted(penalties, reverse=True), means, strict=True)}


def _rows(features: Floats, targets: NDArray[np.int64], num_classes: int) -> _Rows:
    mean, std = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    scale = np.where(std > 1e-6 * max(1e-12, float(std.max(initial=0.0))), 1.0 / np.maximum(std, 1e-12), 0.0)
    standard = ((features - mean) * scale).astype(np.float32)
    # The smaller of the two products has the same axes.
    if standard.shape[1] <= len(standard):
        values, vectors = np.linalg.eigh(standard.T @ standard)
        axes = standard @ vectors
    else:
        values, vectors = np.linalg.eigh(standard @ standard.T)
        axes = vectors * np.sqrt(np.maximum(values, 0.0))
    kept = values > 1e-6 * max(1e-12, float(values.max(initial=0.0)))
    axes = np.ascontiguousarray(np.hstack([axes[:, kept], np.ones((len(axes), 1))]), np.float32)
    return _Rows(axes=axes, curvature=0.5 * np.square(axes).mean(axis=0), targets=targets, num_classes=num_classes)


def _shares(learned: NDArray[np.bool_] | NDArray[np.float64]) -> Floats:
    """What each row [N] counts in each problem [B], as shares of all that count there."""
    shares: Floats = (learned / np.maximum(1e-12, learned.sum(axis=0))).astype(np.float32)
    return shares


def _solve(rows: _Rows, problems: _Problems, start: Floats | None, *, tolerance: float) -> Generator[None, None, Floats]:
    """Points f32[R + 1, B, K] of all problems, so many at a time as memory is meant for."""
    num_problems = len(problems.penalties)
    shape = (rows.axes.shape[1], num_problems, rows.num_classes)
    points = np.zeros(shape, np.float32) if start is None else start
    size = max(1, _MOST_LOGITS // (max(len(rows.targets), shape[0] * _MEMORY) * rows.num_classes))
    for first in range(0, num_problems, size):
        part = slice(first, min(num_problems, first + size))
        points[:, part] = yield from _minimise(rows, problems.some(part), points[:, part], tolerance)
    return points


def _minimise(rows: _Rows, problems: _Problems, point: Floats, tolerance: float) -> Generator[None, None, Floats]:
    """L-BFGS for all problems side by side; those that gain nothing more leave the batch when they are half of it."""
    result = point.copy()
    left = np.arange(len(problems.penalties))
    metric = _metric(rows, problems)
    history: deque[tuple[Floats, Floats, Floats]] = deque(maxlen=_MEMORY)
    value, gradient = _value_and_gradient(rows, problems, point)
    is_done = np.zeros(len(left), np.bool_)
    for _step in range(_MAX_STEPS):
        direction = -_two_loop(gradient, history, metric)
        moved, new_value, new_gradient = _line_search(rows, problems, point, direction, value, gradient, is_done)
        yield
        step, change = moved - point, new_gradient - gradient
        history.append((step, change, _inverse(_dot(step, change))))
        is_done = is_done | (value - new_value < tolerance * np.maximum(1e-2, np.abs(value)))
        point, value, gradient = moved, new_value, new_gradient
        if is_done.all():
            break
        if 2 * is_done.sum() >= len(left):
            result[:, left] = point
            kept = np.flatnonzero(~is_done)
            left, problems, metric = left[kept], problems.some(kept), metric[:, kept]
            point, value, gradient, is_done = point[:, kept], value[kept], gradient[:, kept], is_done[kept]
            history = deque(((step[:, kept], change[:, kept], rho[kept]) for step, change, rho in history), maxlen=_MEMORY)
    result[:, left] = point
    return result


def _line_search(
    rows: _Rows, problems: _Problems, point: Floats, direction: Floats, value: Floats, gradient: Floats, is_done: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Backtracking, each problem by itself; one that finds nothing better stays where it is."""
    slope = _dot(direction, gradient)
    size = np.where(is_done | (slope >= 0), np.float32(0), np.float32(1))
    for _halving in range(12):
        moved = point + size[:, None] * direction
        new_value, new_gradient = _value_and_gradient(rows, problems, moved)
        # Single precision: a gain below its grain is none, and no loss either.
        is_worse = new_value > value + 1e-4 * size * slope + 1e-7 * np.abs(value)
        if not is_worse.any():
            return moved, new_value, new_gradient
        size = np.where(is_worse, 0.5 * size, size).astype(np.float32)
    size = np.where(is_worse, np.float32(0), size)
    moved = point + size[:, None] * direction
    return moved, *_value_and_gradient(rows, problems, moved)


def _metric(rows: _Rows, problems: _Problems) -> Floats:
    """f32[R + 1, B, 1]: one over the bound of the curvature; the bias, which is last, has no penalty."""
    bound = np.repeat(rows.curvature[:, None], len(problems.penalties), axis=1)
    bound[:-1] += problems.penalties
    metric: Floats = (1.0 / bound)[:, :, None]
    return metric


def _logits(rows: _Rows, points: Floats) -> Floats:
    """f32[N, B, K]."""
    num_inputs, num_problems, num_classes = points.shape
    return (rows.axes @ points.reshape(num_inputs, -1)).reshape(len(rows.targets), num_problems, num_classes)


def _judged(rows: _Rows, points: Floats, judges: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.intp], Floats]]:
    """Rows i64[n], so many at a time as memory is meant for, and their logits f32[n, P, K] by the heads of one fold.

    `points`: f32[R + 1, F, P, K], P heads a fold. `judges`: i64[N], the fold whose heads are asked.
    """
    num_inputs, num_folds, *shape = points.shape
    size = max(1, _MOST_LOGITS // (shape[0] * shape[1]))
    for fold in range(num_folds):
        its, heads = np.flatnonzero(judges == fold), points[:, fold].reshape(num_inputs, -1)
        for first in range(0, len(its), size):
            part = its[first : first + size]
            yield part, (rows.axes[part] @ heads).reshape(len(part), *shape)


def _losses(rows: _Rows, points: Floats, judges: NDArray[np.int64]) -> Floats:
    """Cross-entropy f32[N, P] of every row under each of the heads that `_judged` takes."""
    losses = np.empty((len(rows.targets), points.shape[2]), np.float32)
    for part, logits in _judged(rows, points, judges):
        top = logits.max(axis=2)
        right = logits[np.arange(len(part)), :, rows.targets[part]]
        losses[part] = np.log(np.exp(logits - top[:, :, None]).sum(axis=2)) + top - right
    return losses


def _value_and_gradient(rows: _Rows, problems: _Problems, points: Floats) -> tuple[Floats, Floats]:
    """Mean cross-entropy with the penalty f32[B], and its gradient f32[R + 1, B, K]."""
    each = np.arange(len(rows.targets))
    answers = _logits(rows, points)
    answers -= answers.max(axis=2, keepdims=True)
    right = answers[each, :, rows.targets]
    np.exp(answers, out=answers)
    total = answers.sum(axis=2)
    loss = (problems.weights * (np.log(total) - right)).sum(axis=0)
    answers *= (problems.weights / total)[:, :, None]
    answers[each, :, rows.targets] -= problems.weights
    gradient = (rows.axes.T @ answers.reshape(len(each), -1)).reshape(points.shape)
    gradient[:-1] += problems.penalties[:, None] * points[:-1]
    return loss + 0.5 * problems.penalties * np.square(points[:-1]).sum(axis=(0, 2)), gradient


def _two_loop(gradient: Floats, history: deque[tuple[Floats, Floats, Floats]], metric: Floats) -> Floats:
    """The inverse Hessian of the last few steps, applied to the gradient."""
    direction = gradient.copy()
    alphas = []
    for step, change, rho in reversed(history):
        alpha = rho * _dot(step, direction)
        direction -= alpha[:, None] * change
        alphas.append(alpha)
    direction *= metric
    if history:
        step, change, rho = history[-1]
        scale = _inverse(rho * _dot(change * metric, change))
        direction *= np.where(scale > 0, scale, 1.0)[:, None].astype(np.float32)
    for (step, change, rho), alpha in zip(history, reversed(alphas), strict=True):
        direction += (alpha - rho * _dot(change, direction))[:, None] * step
    return direction


def _dot(left: Floats, right: Floats) -> Floats:
    """f32[B]."""
    found: Floats = np.einsum("rbk,rbk->b", left, right)
    return found


def _inverse(values: Floats) -> Floats:
    """One over each; 0, which makes a step count for nothing, where it is not positive."""
    return np.where(values > 1e-12, 1.0 / np.maximum(values, 1e-12), 0.0).astype(np.float32)
