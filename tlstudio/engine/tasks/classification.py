"""Image classification: one class an image, softmax and cross-entropy."""

from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import replace

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional

from tlstudio.domain.folds import FoldPlan, FoldUnit, assign_folds
from tlstudio.domain.jobs import Command
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.recipe import HeadPart, Recipe
from tlstudio.domain.splits import Split
from tlstudio.engine.data.features import Features
from tlstudio.engine.fold_heads import penalty_losses
from tlstudio.engine.gate import Gate
from tlstudio.engine.head import Iteration, Rows, SolvedHead, blas_threads, solve
from tlstudio.engine.head_descent import descend
from tlstudio.engine.tasks import Score
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import metrics
from tlstudio.evaluation.predictions import softmax
from tlstudio.messages import message


class Classification:
    """`TrainingTask` for a manifest's classes."""

    def __init__(self, manifest: Manifest, recipe: Recipe, gate: Gate) -> None:
        self._names = tuple(item.name for item in manifest.classes)
        self._gate = gate
        self._seed = recipe.seed
        self._class_weights = _balancing(manifest, len(self._names)) if recipe.class_balance != "none" else None
        self._loss_weights = self._class_weights if recipe.class_balance == "weighted" else None  # else the images are drawn so

    @property
    def num_outputs(self) -> int:
        """One a class."""
        return len(self._names)

    def solve_head(self, features: Features, part: HeadPart) -> Generator[Iteration | None, None, SolvedHead]:
        """Logistic regression is solved, every other kind trained; stopping is obeyed once there is a head."""
        train, validation = features.of(Split.TRAIN), features.of(Split.VAL)
        require_solvable(train.targets, validation.targets)
        rows = tuple(Rows(features=each.values, targets=each.targets) for each in (train, validation))
        if part.kind == "linear" and part.penalty_by == "folds" and len(part.penalties) > 1:
            losses = yield from self._losses_of_folds(train, part)
            if losses:
                one = msgspec.structs.replace(part, penalties=(min(losses, key=losses.__getitem__),))
                solved = yield from self.solve_head(features, one)
                return replace(solved, fold_loss=losses)
        if part.kind == "linear":
            found = solve(
                *rows,
                num_classes=self.num_outputs,
                penalties=part.penalties,
                class_weights=self._class_weights,
                should_stop=self._should_stop,
            )
        else:
            found = descend(
                *rows,
                num_classes=self.num_outputs,
                part=part,
                class_weights=self._class_weights,
                seed=self._seed,
                should_stop=self._should_stop,
            )
        return (yield from found)

    def _losses_of_folds(self, train: Features, part: HeadPart) -> Generator[None, None, dict[float, float]]:
        """By penalty. Groups stay together; empty where the images are too few, or of one group, to be divided, and where it is stopped."""
        folds = dealt_folds(train, seed=self._seed)
        if folds.max(initial=0) < 1:
            return {}
        steps = penalty_losses(
            train.values,
            train.targets,
            folds,
            num_classes=self.num_outputs,
            penalties=part.penalties,
            class_weights=self._class_weights,
        )
        with threadpool_limits(blas_threads(train.values.size), user_api="blas"):
            while not self._should_stop():
                try:
                    yield next(steps)
                except StopIteration as end:
                    found: dict[float, float] = end.value
                    return found
        return {}

    def _should_stop(self) -> bool:
        return self._gate.command is Command.STOP

    def loss(self, logits: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
        """Cross-entropy summed over the batch, weighted by class where the recipe asks for it."""
        logits = logits.float()  # logits and weights of one precision, also where the network runs in a lower one
        weight = None if self._loss_weights is None else torch.from_numpy(self._loss_weights).to(logits)
        return functional.cross_entropy(logits, targets, weight=weight, label_smoothing=smoothing, reduction="sum")

    def score(self, logits: NDArray[np.float32], targets: NDArray[np.int64]) -> Score:
        """Mean cross-entropy, accuracy and balanced accuracy."""
        chosen = softmax(logits)[np.arange(len(targets)), targets]
        counts = metrics.count(metrics.confusion(targets, logits.argmax(axis=1), num_classes=self.num_outputs))
        return Score(
            loss=float(-np.log(np.maximum(chosen, 1e-300)).mean()),
            accuracy=float(metrics.accuracy(counts)),
            balanced_accuracy=float(metrics.balanced_accuracy(counts)),
        )


def dealt_folds(train: Features, *, seed: int) -> NDArray[np.int64]:
    """The fold of each image, 0 to F - 1, none empty."""
    num_by_unit: dict[str, Counter[str]] = defaultdict(Counter)
    units = [entry.group or entry.content_hash for entry in train.entries]
    for unit, target in zip(units, train.targets, strict=True):
        num_by_unit[unit][str(target)] += 1
    dealt = assign_folds((FoldUnit(key=key, num_by_class=counts) for key, counts in num_by_unit.items()), FoldPlan(seed=seed))
    return np.unique([dealt[unit] for unit in units], return_inverse=True)[1].astype(np.int64)


def _balancing(manifest: Manifest, num_classes: int) -> NDArray[np.float64]:
    labels = [entry.label for entry in manifest.of(Split.TRAIN) if entry.label is not None]
    return balancing_weights(np.array(labels, np.int64), num_classes=num_classes)


def balancing_weights(targets: NDArray[np.int64], *, num_classes: int) -> NDArray[np.float64]:
    """f64[K]: inverse frequency, 1 on average over the images; 1 for a class without images, which is never asked for."""
    counts = np.bincount(targets, minlength=num_classes)
    present = counts > 0
    weights = np.ones(num_classes)
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return weights


def require_solvable(train: NDArray[np.int64], validation: NDArray[np.int64]) -> None:
    """Raise `TLStudioError` where no head can come of these class indices, or nothing can judge it."""
    if len(np.unique(train)) < 2:
        raise TLStudioError(
            message("train.one_class", "Training needs images of at least two classes."),
            message("train.one_class.hint", "Give images a second class in Data, then start again."),
        )
    if not len(validation):
        raise TLStudioError(
            message("train.no_validation", "There are no images to validate with."),
            message("train.no_validation.hint", "Add images or divide them anew in Data, so that validation has some of each class."),
        )
