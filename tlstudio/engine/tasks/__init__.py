"""What differs between tasks while training: one file each, a row of `domain.tasks.TASKS` naming it."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.domain.recipe import HeadPart
from tlstudio.engine.data.features import Features
from tlstudio.engine.head import Iteration, SolvedHead


@dataclass(frozen=True, kw_only=True)
class Score:
    """Figures on validation. `loss` is the plain mean, without smoothing or class weights."""

    loss: float
    accuracy: float
    balanced_accuracy: float

    def is_better_than(self, other: "Score | None") -> bool:
        """By balanced accuracy, then by loss; a loss that is no number never wins."""
        if other is None:
            return True
        if abs(self.balanced_accuracy - other.balanced_accuracy) > 1e-9:
            return self.balanced_accuracy > other.balanced_accuracy
        return self.loss < other.loss


class TrainingTask(Protocol):
    """Head, loss and scoring of one task."""

    @property
    def num_outputs(self) -> int:
        """Width of the head."""

    def solve_head(self, features: Features, part: HeadPart) -> Generator[Iteration | None, None, SolvedHead]:
        """The head on features of training and validation images; None is a step that changes no head yet.

        Raises `TLStudioError` where they do not suffice.
        """

    def loss(self, logits: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
        """The sum over the batch's images of the loss that is minimised: a scalar. `targets`: i64[N], or shares of classes f32[N, K]."""

    def score(self, logits: NDArray[np.float32], targets: NDArray[np.int64]) -> Score:
        """Figures of labelled images."""
