"""The best network so far: judged by its score, kept whole on disk, said in the journal."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tlstudio.domain.events import AnyEvent, Validated
from tlstudio.domain.model_card import ModelCard
from tlstudio.engine import checkpoint
from tlstudio.engine.build import Training
from tlstudio.engine.models import lora
from tlstudio.engine.room import written
from tlstudio.engine.tasks import Score


@dataclass(frozen=True, kw_only=True)
class Best:
    """Where it lies, relative to the job folder, and what it reached."""

    score: Score
    step: int
    epoch: int
    file: str
    penalty: float


def validated(score: Score, *, step: int, epoch: int, is_best: bool) -> Validated:
    """A look at validation as an event."""
    return Validated(
        step=step,
        epoch=epoch,
        loss=score.loss,
        accuracy=score.accuracy,
        balanced_accuracy=score.balanced_accuracy,
        is_best=is_best,
    )


def keep(training: Training, score: Score, *, step: int, epoch: int, penalty: float, mark: str = "") -> Generator[AnyEvent, None, Best]:
    """Write the network, whole, as the best so far; `mark` tells it from an earlier one of the same step."""
    card = training.card(score, step=step, epoch=epoch, penalty=penalty)
    folder, tensors = training.job.folder, lora.merged_state(training.network)
    save = partial(checkpoint.save, folder, checkpoint.BEST, card, tensors, step=step, mark=mark)
    size = sum(tensor.nbytes for tensor in tensors.values())
    saved = yield from written(save, folder=folder, num_bytes=size, gate=training.job.gate)
    yield saved
    checkpoint.remove(folder, checkpoint.BEST, but={saved.file})  # not the newest by its step: a soup's may be an earlier one
    return Best(score=score, step=step, epoch=epoch, file=saved.file, penalty=penalty)


def load(folder: Path, best: Best) -> checkpoint.Loaded[ModelCard]:
    """The kept checkpoint; the newest one where the attempt before had come further than the state this one went on from.

    Raises `TLStudioError` where it is damaged.
    """
    there = (folder / best.file).is_file()
    return checkpoint.load_best(folder, best.file if there else checkpoint.newest(folder, checkpoint.BEST) or best.file)
