"""The learning-rate range test as a job: the recipe's fine-tuning, from the solved head, with rates that rise from step to step.

It has the recipe's own views, batches, stages and losses; what it trains is thrown away.
"""

import itertools
import math
from collections.abc import Generator, Iterator
from contextlib import closing

from tlstudio.domain.events import AnyEvent, Finished, PhaseStarted, PlanFixed, RateFound, RateTried, Stopped, Warned
from tlstudio.domain.rate_finder import RunningLoss, rate_at, suggested_rate
from tlstudio.engine.best import Best
from tlstudio.engine.build import build, exam, loader
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.loader import Batch
from tlstudio.engine.finetune import FineTuning
from tlstudio.engine.first_head import put_solved_head
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.job import Job

_SILENCE_LIMIT_S = 180.0


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of one attempt, its ending last. Raises `TLStudioError`, `CancelAsked`, `TerminateAsked`.

    An attempt that follows another begins anew: features and views come from the caches then.
    """
    yield PhaseStarted(phase="load", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    training = build(job)
    part = training.recipe.finetune
    assert part is not None, "a head that is solved takes no steps"
    yield PlanFixed(plan=training.plan)
    if training.device.warning is not None:
        yield Warned(message=training.device.warning)
    try:
        score, penalty = yield from put_solved_head(training)
        nowhere = Best(score=score, step=0, epoch=0, file="", penalty=penalty)
        tuning = FineTuning(training, part, loader=loader(training, part), exam=exam(training, frozen=training.frozen), best=nowhere)
        yield PhaseStarted(phase="rates", total=job.spec.num_steps, silence_limit_s=training.silence_limit_s)
        yield from _try_rates(tuning, job.spec.num_steps, full=part.learning_rate)
    except StopAsked:
        yield Stopped()
        return
    yield Finished(num_failed=len(training.skipped.reasons))


def _try_rates(tuning: FineTuning, num_steps: int, *, full: float) -> Iterator[AnyEvent]:
    """`full` is the recipe's rate of the head, which the others keep their distance to."""
    running = RunningLoss()
    tried: list[tuple[float, float]] = []
    is_over = False
    while not is_over:
        try:
            with closing(tuning.endless_batches()) as batches:
                for batch in itertools.islice(batches, len(tried), num_steps):
                    rate = rate_at(len(tried), num_steps)
                    loss = yield from _step(tuning, batch, share=rate / full)
                    yield RateTried(step=len(tried) + 1, rate=rate, loss=loss if math.isfinite(loss) else None)
                    if running.has_diverged(loss):
                        break
                    tried.append((rate, loss))
            is_over = True
        except ImagesAway as away:
            yield from away.wait(tuning.gate)
    yield RateFound(rate=suggested_rate([rate for rate, _loss in tried], [loss for _rate, loss in tried]))


def _step(tuning: FineTuning, batch: Batch, *, share: float) -> Generator[AnyEvent, None, float]:
    while True:
        yield from tuning.gate.obey()
        try:
            loss = tuning.train(batch, share=share)
        except (RuntimeError, MemoryError) as error:
            yield from tuning.halve_or_raise(error)
            continue
        if loss is not None:
            return float(loss)
