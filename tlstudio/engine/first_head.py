"""The first half of LP-FT: features of all images once, then a head of the recipe's kind on them, put on the network."""

import time
from collections.abc import Generator
from contextlib import suppress

import torch

from tlstudio.domain.events import AnyEvent, HeadSolved, PhaseStarted, StepTrained, StillWorking
from tlstudio.domain.splits import Split
from tlstudio.engine.build import Training
from tlstudio.engine.data.features import Features
from tlstudio.engine.evaluate import logits_of
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.head import SolvedHead
from tlstudio.engine.tasks import Score

_SILENCE_LIMIT_S = 180.0
_SAY_EVERY_S = 1.0


def put_solved_head(training: Training) -> Generator[AnyEvent, None, tuple[Score, float]]:
    """The network has its head then; returns its score on validation and the penalty that was chosen."""
    # Before a fine-tuning nobody asks what the network as it came says of test images.
    wanted = [entry for entry in training.entries if training.recipe.finetune is None or entry.split is not Split.TEST]
    features = yield from training.feature_pass().run(wanted)
    yield PhaseStarted(phase="head", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    started, paused_before = time.monotonic(), training.job.gate.paused_s
    solved = yield from _solve(training, features)
    training.put_head({name: torch.from_numpy(values) for name, values in solved.tensors.items()})
    yield HeadSolved(
        penalty=solved.penalty,
        validation_loss={f"{penalty:g}": loss for penalty, loss in solved.validation_loss.items()},
        fold_loss={f"{penalty:g}": loss for penalty, loss in solved.fold_loss.items()},
        solve_s=time.monotonic() - started - (training.job.gate.paused_s - paused_before),
        features_s=features.seconds,
        num_cached=features.num_cached,
    )
    validation = features.of(Split.VAL)
    return training.task.score(logits_of(training.network, validation.values), validation.targets), solved.penalty


def _solve(training: Training, features: Features) -> Generator[AnyEvent, None, SolvedHead]:
    solver = training.task.solve_head(features, training.recipe.head)
    said_at = time.monotonic()
    while True:
        try:
            at = next(solver)
        except StopIteration as end:
            solved: SolvedHead = end.value
            return solved
        if at is not None:
            yield StepTrained(step=at.number, epoch=at.penalty_index, loss=at.loss)
        elif time.monotonic() - said_at > _SAY_EVERY_S:
            said_at = time.monotonic()
            yield StillWorking()
        with suppress(StopAsked):  # the solver hears of it itself and gives the best so far
            yield from training.job.gate.obey()
