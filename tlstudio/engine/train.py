"""The training loop, on one page. Set-up is in `build`, one step and one validation are in `finetune`."""

from collections.abc import Iterator
from contextlib import closing

from tlstudio.domain.events import AnyEvent
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.loader import Batch
from tlstudio.engine.finetune import FineTuning


def fit(tuning: FineTuning) -> Iterator[AnyEvent]:
    """Train from where `tuning` stands until its epochs are over or validation no longer improves.

    Every event is yielded as it happens; the best network so far is on disk at any time. Raises `StopAsked`, `CancelAsked`
    and `TerminateAsked` where that was asked, `NotANumber` where the loss is none any more, and `TLStudioError` where the training cannot
    go on.
    """
    while not tuning.is_over:
        yield from tuning.unfreeze()
        try:
            with closing(tuning.remaining_batches()) as batches:
                for batch in batches:
                    yield from _train(tuning, batch)
                    if tuning.is_save_due:
                        yield from tuning.untimed(tuning.save())
        except ImagesAway as away:
            yield from away.wait(tuning.gate)
            continue
        yield from tuning.validate()
        yield from tuning.untimed(tuning.save())


def _train(tuning: FineTuning, batch: Batch) -> Iterator[AnyEvent]:
    """One step, as often as it takes: what was interrupted or found too little memory is computed again."""
    while True:
        yield from tuning.untimed(tuning.gate.obey())
        try:
            loss = tuning.train(batch)
        except (RuntimeError, MemoryError) as error:
            yield from tuning.halve_or_raise(error)
            continue
        if loss is not None:
            yield from tuning.tell(batch, loss)
            return
