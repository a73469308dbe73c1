"""The cross-validation job: features of every image once, then each fold is judged by a head that learned from the others."""

import time
from collections.abc import Generator, Iterator

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from tlstudio.domain.events import AnyEvent, Finished, FoldJudged, PhaseStarted, PlanFixed, Progressed, StillWorking, Stopped, Warned
from tlstudio.domain.recipe import HeadPart
from tlstudio.domain.splits import Split
from tlstudio.engine.build import Training, build
from tlstudio.engine.data.features import Features
from tlstudio.engine.evaluate import logits_of
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.head import SolvedHead
from tlstudio.engine.job import Job
from tlstudio.engine.models.heads import filled_head
from tlstudio.evaluation import metrics

_SILENCE_LIMIT_S = 180.0
_SAY_EVERY_S = 1.0


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of one attempt, its ending last. Raises `TLStudioError`, `CancelAsked`, `TerminateAsked`.

    An attempt that follows another begins anew: what is costly is in the feature cache.
    """
    yield PhaseStarted(phase="load", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    training = build(job)
    yield PlanFixed(plan=training.plan)
    if training.device.warning is not None:
        yield Warned(message=training.device.warning)
    try:
        features = yield from training.feature_pass().run(training.entries)
        yield from _judge_all(training, features)
    except StopAsked:
        yield Stopped()
        return
    yield Finished(num_failed=len(training.skipped.reasons))


def _judge_all(training: Training, features: Features) -> Iterator[AnyEvent]:
    folds = np.array([-1 if entry.fold is None else entry.fold for entry in features.entries], np.int64)
    numbers = sorted({entry.fold for entry in training.entries if entry.fold is not None})
    yield PhaseStarted(phase="folds", total=len(numbers), silence_limit_s=_SILENCE_LIMIT_S)
    for done, fold in enumerate(numbers, 1):
        yield (yield from _judge(training, features, folds, fold=fold, chooser=numbers[done % len(numbers)]))
        yield Progressed(done=done)


def _judge(
    training: Training, features: Features, folds: NDArray[np.int64], *, fold: int, chooser: int
) -> Generator[AnyEvent, None, FoldJudged]:
    """The penalty is chosen on the fold after it, as the quick recipe chooses on validation; then all other folds are learned from.

    What is judged has no say in either.
    """
    # Linear whatever the recipe's kind: other heads choose their length on the very fold that is judged. And chosen on validation whatever
    # the recipe says: the fold that chooses is a validation of its own, a whole fold that is neither learned from nor judged.
    head = msgspec.structs.replace(training.recipe.head, kind="linear", penalty_by="validation")
    chosen = yield from _solve(training, _parted(features, folds, val=chooser, left_out=fold), head)
    # With one penalty there is nothing to choose: the fold stands for validation only because a solver must be given one.
    one = HeadPart(penalties=(chosen.penalty,))
    solved = yield from _solve(training, _parted(features, folds, val=fold), one)
    tensors = {name: torch.from_numpy(values) for name, values in solved.tensors.items()}
    sizes = {"num_features": training.network.num_features, "num_classes": training.task.num_outputs}
    training.network.put_head(filled_head(one, tensors, **sizes))
    is_judged = folds == fold
    predicted = logits_of(training.network, features.values[is_judged]).argmax(axis=1)
    matrix = metrics.confusion(features.targets[is_judged], predicted, num_classes=training.task.num_outputs)
    return FoldJudged(
        fold=fold,
        num_train=int((~is_judged).sum()),
        penalty=chosen.penalty,
        confusion=tuple(tuple(int(cell) for cell in row) for row in matrix),
    )


def _parted(features: Features, folds: NDArray[np.int64], *, val: int, left_out: int | None = None) -> Features:
    """The same features as a training's: one fold validates, one is left out, everything else is learned from."""
    rows = [row for row, fold in enumerate(folds) if fold != left_out]
    entries = [msgspec.structs.replace(features.entries[row], split=Split.VAL if folds[row] == val else Split.TRAIN) for row in rows]
    return Features(entries=tuple(entries), values=features.values[rows], num_cached=features.num_cached, seconds=0.0)


def _solve(training: Training, parted: Features, part: HeadPart) -> Generator[AnyEvent, None, SolvedHead]:
    solver = training.task.solve_head(parted, part)
    said_at = time.monotonic()
    while True:
        yield from training.job.gate.obey()
        try:
            next(solver)
        except StopIteration as end:
            # A solver that was told to stop gives what it has; that is not to be judged.
            yield from training.job.gate.obey()
            solved: SolvedHead = end.value
            return solved
        if time.monotonic() - said_at > _SAY_EVERY_S:
            said_at = time.monotonic()
            yield StillWorking()
