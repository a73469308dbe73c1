"""The processes of a training that are not rank 0: each does what rank 0 tells it, until it is told that it is over.

They read the job folder and the images, and write nothing but caches.
"""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import safetensors.torch
from torch import Tensor

from tlstudio.domain.events import AnyEvent, PlanFixed
from tlstudio.domain.journal import JournalLine
from tlstudio.engine import crew_words as words
from tlstudio.engine import failures
from tlstudio.engine.best import Best
from tlstudio.engine.build import build
from tlstudio.engine.checkpoint import Loaded
from tlstudio.engine.crew import Place
from tlstudio.engine.data.features import Features
from tlstudio.engine.data.loader import Batch
from tlstudio.engine.distributed import Crew
from tlstudio.engine.finetune import FineTuning, TrainingState
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import Job, read_job
from tlstudio.engine.meeting import meet
from tlstudio.engine.models import lora
from tlstudio.engine.priority import lower_priority
from tlstudio.engine.rollback import begin
from tlstudio.engine.tasks import Score

_NOT_JUDGED_HERE = Best(score=Score(loss=0.0, accuracy=0.0, balanced_accuracy=0.0), step=0, epoch=0, file="", penalty=0.0)
_DROPOUT_APART = 7_919
T = TypeVar("T")


def help_out(folder: Path, place: Place) -> None:
    """Help to train the job in `folder`. Raises `CrewLostError` where another process is gone, and whatever setting up raises."""
    meet(place)
    crew = Crew(place)
    helper: _Helper | None = None
    while not isinstance(word := crew.hear(), words.Over):
        if isinstance(word, words.Begin):
            helper = _Helper(folder, crew, word)
        else:
            assert helper is not None, "rank 0 begins with the plan"
            helper.obey(word)


class _Helper:
    """What one process has of the training: network, images, and its place among the batches."""

    def __init__(self, folder: Path, crew: Crew, begin: words.Begin) -> None:
        self._crew = crew
        self._training = build(_job(folder, crew, begin))
        self._entries = {entry.sample: entry for entry in self._training.entries}
        self._tuning: FineTuning
        self._batches: Generator[Batch, None, None] | None = None
        self._batch: Batch
        self._at = (-1, -1)
        self._features: Features

    def obey(self, word: words.AnyWord) -> None:
        """Do what rank 0 asks."""
        match word:
            case words.Tune():
                self._tune(word)
            case words.Step():
                self._step(word)
            case words.Judge():
                self._crew.spread()
                entries = [self._entries[sample] for sample in word.samples]
                self._features = _end_of(self._crew.own_exam.sit(self._crew.share(entries)))
            case words.Collect():
                self._crew.collect(self._features, num_samples=word.num_samples)

    def _tune(self, word: words.Tune) -> None:
        """As rank 0 begins, but for the optimizer's memory: only rank 0 uses one."""
        training = self._training
        lora.take_out(training.network)
        training.put_head(safetensors.torch.load(self._crew.receive()))
        card = TrainingState(step=0, epoch=0, num_without_gain=0, best=_NOT_JUDGED_HERE, is_careful=word.is_careful)
        self._tuning = begin(training, _NOT_JUDGED_HERE, Loaded(card=card, tensors={}, file=""))
        self._batches, self._at = None, (-1, -1)

    def _step(self, word: words.Step) -> None:
        """The gradient of this process's share. Where anybody finds too little memory all wait for smaller micro-batches."""
        self._crew.spread()
        try:
            self._crew.gradients(lambda: self._compute(word))
        except RuntimeError as error:
            if not failures.is_out_of_memory(error):
                raise

    def _compute(self, word: words.Step) -> tuple[Tensor, int]:
        tuning = self._tuning
        batch = self._batch_at(word)
        tuning.epoch, tuning.step = word.epoch, word.step
        tuning.plan = msgspec.structs.replace(tuning.plan, micro_batch=word.micro_batch)
        return tuning.compute_gradients(batch, chance=self._crew.rank * _DROPOUT_APART), len(batch.targets)

    def _batch_at(self, word: words.Step) -> Batch:
        """The one that was computed last, again; the next one; or any other, where rank 0 went back."""
        at = (word.epoch, word.step)
        if at != self._at:
            if self._batches is None or at != (self._at[0], self._at[1] + 1):
                self._open(word)
            assert self._batches is not None
            self._batch, self._at = next(self._batches), at
        return self._batch

    def _open(self, word: words.Step) -> None:
        if self._batches is not None:
            self._batches.close()
        self._tuning.epoch, self._tuning.step = word.epoch, word.step
        self._batches = self._tuning.remaining_batches()


def _job(folder: Path, crew: Crew, begin: words.Begin) -> Job:
    """The order, as if an earlier attempt had run by the plan of rank 0, but for the device."""
    job = read_job(folder, gate=Gate(), history=(), crew=crew)
    if job.environment.good_neighbour:
        lower_priority()
    plan = msgspec.structs.replace(begin.plan, device=job.environment.device)
    line = JournalLine(seq=0, time=0.0, event=PlanFixed(plan=plan))
    return replace(job, history=(line,))


def _end_of(work: Generator[AnyEvent, None, T]) -> T:
    """What it comes to; rank 0 alone says how it goes."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Any = end.value
            return found  # type: ignore[no-any-return]
