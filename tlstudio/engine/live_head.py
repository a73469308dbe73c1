"""A head that follows small changes of its rows: solved from where the last one stood, its penalty chosen only when asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from tlstudio.engine.head import Floats, Problem, Rows, blas_threads, minimise, spread, standardised


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveAnswer:
    """What the head says of the validation rows: `probabilities` f32[M, K], `loss` their mean cross-entropy."""

    probabilities: Floats
    loss: float
    penalty: float
    is_settled: bool
    """Whether the penalty was chosen on just these rows."""


class LiveHead:
    """Logistic regression as `engine.head` solves it, in single precision, on features that stay the same for many solutions."""

    def __init__(self, train: Floats, validation: Floats, *, before: "LiveHead | None" = None) -> None:
        """Features f32[N, D] and f32[M, D]; it goes on from where `before` stood."""
        mean, scale = spread(train)
        nothing = np.empty(0, np.int64)
        self._train, self._validation = (
            standardised(Rows(features=features, targets=nothing), mean, scale, np.float32).features for features in (train, validation)
        )
        self._threads: ThreadpoolController = ThreadpoolController() if before is None else before._threads
        self._points: dict[float, Floats] = {} if before is None else before._points
        """The last solution under each penalty."""
        self._penalty: float | None = None if before is None else before._penalty
        self._num_classes: int = 0 if before is None else before._num_classes

    def forget(self) -> None:
        """The classes are others: begin from nothing."""
        self._points, self._penalty = {}, None

    def answer(
        self,
        train: NDArray[np.int64],
        validation: NDArray[np.int64],
        *,
        num_classes: int,
        penalties: tuple[float, ...],
        class_weights: NDArray[np.float64] | None = None,
        chooses: bool = False,
    ) -> LiveAnswer:
        """Solve for the class indices `train` i64[N] and judge on `validation` i64[M].

        One penalty, the last one chosen; where there is none, or it is to be chosen anew, the one of `penalties` with the lowest loss
        on validation.
        """
        if num_classes != self._num_classes:
            self.forget()
            self._num_classes = num_classes
        problem = Problem(Rows(features=self._train, targets=train), num_classes, class_weights)
        weighted = Problem(Rows(features=self._validation, targets=validation), num_classes, class_weights)
        plain = Problem(Rows(features=self._validation, targets=validation), num_classes, None)
        is_settled = chooses or self._penalty not in penalties
        tried = sorted(penalties, reverse=True) if is_settled else [self._penalty or 0.0]
        with self._threads.limit(limits=blas_threads(self._train.size)):
            for penalty in tried:
                self._points[penalty] = self._solved(problem, penalty)
            chosen = min(tried, key=lambda penalty: weighted.loss(self._points[penalty]))
            self._penalty = chosen
            loss, probabilities = plain.forward(self._points[chosen])
        return LiveAnswer(probabilities=probabilities, loss=loss, penalty=chosen, is_settled=is_settled)

    def _solved(self, problem: Problem, penalty: float) -> Floats:
        """From its own last solution, else from that of the next stronger penalty, else from nothing."""
        stronger = [known for known in self._points if known >= penalty]
        size = (problem.num_inputs + 1) * self._num_classes
        point: Floats = self._points[min(stronger)] if stronger else np.zeros(size, np.float32)
        for better, _loss in minimise(problem, point, penalty):
            point = better
        return point
