"""The processes of a training that are not rank 0: each does what rank 0 tells it, until it is told that it is over.

They read the job folder and the images, and write nothing but caches. What a person can mend (images that are away, weights that are
not on this machine) ends none of them: rank 0 is told, which waits or writes the ending.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import safetensors.torch
from torch import Tensor

from tlstudio.domain.events import AnyEvent, PlanFixed
from tlstudio.domain.journal import JournalLine
from tlstudio.domain.plan import Plan
from tlstudio.engine import crew_words as words
from tlstudio.engine import failures
from tlstudio.engine.best import Best
from tlstudio.engine.build import Training, build
from tlstudio.engine.checkpoint import Loaded
from tlstudio.engine.crew import Place
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.features import Features
from tlstudio.engine.data.loader import Batch
from tlstudio.engine.device import choose
from tlstudio.engine.distributed import Crew
from tlstudio.engine.finetune import FineTuning, TrainingState
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import Job, read_job
from tlstudio.engine.meeting import meet
from tlstudio.engine.models import lora
from tlstudio.engine.priority import lower_priority
from tlstudio.engine.rollback import begin
from tlstudio.engine.tasks import Score
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message

log = logger(__name__)

_NOT_JUDGED_HERE = Best(score=Score(loss=0.0, accuracy=0.0, balanced_accuracy=0.0), step=0, epoch=0, file="", penalty=0.0)
_DROPOUT_APART = 7_919
_OF_THIS_PROCESS = frozenset({"device", "device_name", "threads", "micro_batch", "resident"})
"""What of a plan decides about no more than the last digits of a share, or is told with each step."""


def help_out(folder: Path, place: Place) -> None:
    """Help to train the job in `folder`. Raises `CrewLostError` where another process is gone, and whatever setting up raises."""
    meet(place)
    crew = Crew(place)
    helper: _Helper | None = None
    while not isinstance(word := crew.line.hear(helper.go_on if helper else _nothing_to_do), words.Over):
        if isinstance(word, words.Begin):
            helper = _Helper(folder, crew, word)
        else:
            assert helper is not None, "rank 0 begins with the plan"
            helper.obey(word)


def _nothing_to_do() -> bool:
    return False


class _Helper:
    """What one process has of the training: network, images, and its place among the batches."""

    def __init__(self, folder: Path, crew: Crew, begin: words.Begin) -> None:
        self._crew = crew
        self._trouble: TLStudioError | None = None
        """Of what was tried last; rank 0 is told when it asks."""
        self._training: Training
        self._tuning: FineTuning
        self._batches: Generator[Batch, None, None] | None = None
        self._batch: Batch
        self._at = (-1, -1)
        self._is_batch_whole = True
        """Whether it lacks no image that would be tried again where its step is."""
        self._judged: words.Judge
        self._features: Features | None = None
        """None where this process has none of its share yet."""
        self._sitting: Generator[AnyEvent, None, Features] | None = None
        """Its share, while it is computed."""
        with self._telling():
            self._training = _followed(_job(folder, crew, begin), begin.plan)
            crew.skipped = self._training.skipped

    def obey(self, word: words.AnyWord) -> None:
        """Do what rank 0 asks."""
        if not isinstance(word, words.Sit):
            self._sitting = None
        match word:
            case words.Tune():
                self._tune(word)
            case words.Step():
                self._step(word)
            case words.Judge():
                self._crew.spread()
                self._judged, self._features = word, None
                self._sitting = self._exam()
            case words.Collect():
                self._collect(word)
            case words.Sit():
                if self._sitting is None and isinstance(self._trouble, ImagesAway) and self._trouble.are_back():
                    self._sitting = self._exam()  # all of the share, so that together is computed what would have been
                self.go_on()
                self._crew.have_sat(mine=self._sitting is None)
            case words.Look():
                self._crew.are_back(mine=self._crew.skipped.are_back() if word.of_skipped else self._are_back())
            case words.Count():
                self._is_batch_whole = False
                self._crew.count_skipped()

    def _are_back(self) -> bool:
        return not isinstance(self._trouble, ImagesAway) or self._trouble.are_back()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What a person can mend is kept for rank 0."""
        self._trouble = None
        try:
            yield
        except TLStudioError as error:
            log.warning("rank %d cannot go on: %s %s", self._crew.rank, error, error.details)
            self._trouble = error

    def _tune(self, word: words.Tune) -> None:
        """As rank 0 begins, but for the optimizer's memory: only rank 0 uses one."""
        head = self._crew.line.receive()
        if not self._crew.agree(self._trouble):
            return  # it is over
        training = self._training
        lora.take_out(training.network)
        training.put_head(safetensors.torch.load(head))
        card = TrainingState(step=0, epoch=0, num_without_gain=0, best=_NOT_JUDGED_HERE, is_careful=word.is_careful)
        self._tuning = begin(training, _NOT_JUDGED_HERE, Loaded(card=card, tensors={}, file=""))
        self._batches, self._at = None, (-1, -1)

    def _step(self, word: words.Step) -> None:
        """The gradient of this process's share. Where anybody finds too little memory all wait for smaller micro-batches."""
        self._crew.spread()
        try:
            with self._telling():
                self._crew.gradients(lambda: self._compute(word))
        except RuntimeError as error:
            if not failures.is_out_of_memory(error):
                raise
        if self._trouble is not None:
            self._close()  # what was read ahead of it may be of the same kind

    def _compute(self, word: words.Step) -> tuple[Tensor, int]:
        tuning = self._tuning
        batch = self._batch_at(word)
        tuning.epoch, tuning.step = word.epoch, word.step
        tuning.plan = msgspec.structs.replace(tuning.plan, micro_batch=word.micro_batch)
        return tuning.compute_gradients(batch, chance=self._crew.rank * _DROPOUT_APART), len(batch.targets)

    def _batch_at(self, word: words.Step) -> Batch:
        """The one that was computed last, again; the next one; or any other, where rank 0 went back."""
        at = (word.epoch, word.step)
        if at != self._at or not self._is_batch_whole:
            if self._batches is None or at != (self._at[0], self._at[1] + 1):
                self._open(word)
            assert self._batches is not None
            try:
                self._batch = next(self._batches)
            except ImagesAway:
                self._open(word)  # it may have been read ahead, in a time that was waited out since
                self._batch = next(self._batches)
            self._at, self._is_batch_whole = at, True
        return self._batch

    def _close(self) -> None:
        if self._batches is not None:
            self._batches.close()
        self._batches, self._at = None, (-1, -1)

    def _exam(self) -> Generator[AnyEvent, None, Features]:
        entries = {entry.sample: entry for entry in self._training.entries}
        return self._crew.own_exam.sit(self._crew.share([entries[sample] for sample in self._judged.samples]))

    def go_on(self) -> bool:
        """Compute some more of its share of an exam; whether there is more to do."""
        if self._sitting is None:
            return False
        sitting, self._sitting = self._sitting, None
        with self._telling():
            try:
                next(sitting)  # it says every few seconds that it goes on
                self._sitting = sitting
            except StopIteration as end:
                self._features = end.value
        return self._sitting is not None

    def _collect(self, word: words.Collect) -> None:
        if self._crew.agree(self._trouble) and self._features is not None:
            self._crew.collect(self._features, num_samples=word.num_samples)

    def _open(self, word: words.Step) -> None:
        self._close()
        self._tuning.epoch, self._tuning.step = word.epoch, word.step
        self._batches = self._tuning.remaining_batches()


def _job(folder: Path, crew: Crew, begin: words.Begin) -> Job:
    """The order, as if an earlier attempt had run by the plan of rank 0, but for the device."""
    job = read_job(folder, gate=Gate(is_patient=False), history=(), crew=crew)
    if job.environment.good_neighbour:
        lower_priority()
    plan = msgspec.structs.replace(begin.plan, device=str(choose(job.environment.device).torch_device))
    line = JournalLine(seq=0, time=0.0, event=PlanFixed(plan=plan))
    return replace(job, history=(line,))


def _followed(job: Job, plan: Plan) -> Training:
    """The training under the plan of rank 0. Raises `TLStudioError` where this process would train another one."""
    training = build(job)
    names = [name for name in plan.__struct_fields__ if name not in _OF_THIS_PROCESS]
    other = [name for name in names if _alike(name, getattr(plan, name)) != _alike(name, getattr(training.plan, name))]
    if not other:
        return training
    what = ", ".join(name.replace("_", " ") for name in other)
    raise TLStudioError(
        message(
            "crew.other_plan", "Process {rank} of the training cannot follow the plan of the first ({what}).", rank=job.crew.rank, what=what
        ),
        message(
            "crew.other_plan.hint",
            "Give all machines the same versions, the same kind of device and as much room for caches. What was trained is kept.",
        ),
        details="\n".join(f"{name}: {getattr(plan, name)} there, {getattr(training.plan, name)} here" for name in other),
    )


def _alike(name: str, value: Any) -> Any:
    """What of the plan has to be the same everywhere: Python's own version decides nothing."""
    return {key: item for key, item in value.items() if key != "python"} if name == "versions" else value
