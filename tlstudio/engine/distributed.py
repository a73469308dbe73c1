"""One training by several processes: rank 0 trains as if it were alone, the others lend it their processors.

Only rank 0 has an optimizer, an average, a journal and files. At each step it tells the others which batch is due and what the
weights are; every process computes the gradient of its share of the batch, and rank 0 gets their mean over the whole batch,
weighted by numbers of images: synchronous data parallelism, the same step as that of one process but for rounding. What rank 0
decides (pause, stop, another rate, going back to a checkpoint) needs no agreement: the others wait for its next word.

Sending weights out and gradients in moves as many bytes as the ring all-reduce of `DistributedDataParallel` (Li et al. 2020,
section 3.2), whose buckets hide some of it behind the backward pass. It is not used because it owns `forward`, which behind a frozen
prefix is not the network's, and because it cannot leave a step in the middle. Batch norms stay in evaluation mode, so that no
statistic depends on how a batch was shared. Nothing is pickled: words are JSON, values are raw numbers.
"""

import platform
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from math import ceil

import msgspec
import numpy as np
import safetensors.torch
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn

from tlstudio.domain.events import AnyEvent, StillWorking
from tlstudio.domain.jobs import Environment
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.engine import failures
from tlstudio.engine.build import Training
from tlstudio.engine.crew import CrewLostError, Place
from tlstudio.engine.crew_words import Begin, Collect, Count, Judge, Lacking, Look, Sit, Step, Trouble, Tune
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.features import Features
from tlstudio.engine.data.loader import Batch
from tlstudio.engine.data.reading import Skipped
from tlstudio.engine.exam import Exam
from tlstudio.engine.finetune import FineTuning
from tlstudio.engine.line import Line
from tlstudio.engine.meeting import forget
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.processor import num_threads

log = logger(__name__)

Compute = Callable[[Batch], Tensor]


class Crew:
    """All processes of a training, seen from one of them; each method but `share` is called by all of them in turn."""

    def __init__(self, place: Place) -> None:
        self.rank, self.size = place.rank, place.size
        self.threads = max(1, num_threads() // place.local_size)
        self.num_here = place.local_size
        self.line = Line(place)
        self._place = place
        self.own_exam: Exam
        """What each of them sits its share of."""
        self.skipped: Skipped
        """The images that this process could not use; at rank 0 those of all."""
        self._entries: dict[int, ManifestEntry] = {}
        """At rank 0: those of the training, by sample."""
        self._weights: list[nn.Parameter] = []
        self._device = torch.device("cpu")
        self._group: dist.ProcessGroup | None = None
        """Of gradients and weights: NCCL where every process has a card of its own; None is gloo, through main memory."""

    def here(self, environment: Environment) -> Environment:
        """The environment of this process: a card of its own where there are enough."""
        cards = torch.cuda.device_count()
        if environment.device == "cpu" or not cards:
            return environment
        return msgspec.structs.replace(environment, device=f"cuda:{self._place.local_rank % cards}")

    def begin(self, training: Training) -> None:
        """Rank 0: the training is set up; the others do likewise while the head is solved."""
        self.skipped, self._entries = training.skipped, {entry.sample: entry for entry in training.entries}
        self.line.lead(silence_limit_s=training.silence_limit_s, gate=training.job.gate)
        self.line.tell(Begin(plan=training.plan))

    def tune(self, tuning: FineTuning) -> None:
        """The fine-tuning begins: agree on what it starts from, and on how gradients travel.

        Raises `TLStudioError` at rank 0 where another process cannot follow.
        """
        if not self.rank:
            assert tuning.training.network.head is not None
            self.line.tell(Tune(is_careful=tuning.is_careful))
            self.line.send(safetensors.torch.save(tuning.training.network.head.state_dict()))
            self.agree()
        self._weights = tuning.weights
        if self._group is not None:
            return
        device = tuning.training.device.torch_device
        can = device.type == "cuda" and torch.cuda.device_count() >= self._place.local_size and dist.is_nccl_available()
        if self.line.total(float(can))[0] == self.size:
            self._device = device
            torch.cuda.set_device(device)
            with self.line.speaking():
                group = dist.new_group(backend="nccl")
            assert isinstance(group, dist.ProcessGroup), "every process is a member"
            self._group = group

    def backward(self, tuning: FineTuning, batch: Batch, compute: Compute) -> Tensor:
        """Rank 0: the gradients of the whole batch's mean loss, in the weights; the loss. `compute` makes those of `batch`, its share.

        Raises what that raises, out of memory where another process ran out of it, and `ImagesAway` where the images are away there, or
        too many of all could not be used; then nothing has changed.
        """
        with self.line.hurried():
            self.line.tell(Step(step=tuning.step, epoch=tuning.epoch, micro_batch=tuning.plan.micro_batch))
            self.spread()
            return self.gradients(lambda: (compute(batch), len(batch.targets)))

    def gradients(self, compute: Callable[[], tuple[Tensor, int]]) -> Tensor:
        """The mean of what all `compute`: loss and number of images, the gradients in the weights; only rank 0 has it.

        What goes wrong in one of them is raised there, but not before all know that this step comes to nothing.
        """
        trouble: Exception | None = None
        loss, number = torch.zeros(()), 0
        try:
            loss, number = compute()
        except Exception as error:  # raised below
            trouble = error
        is_short = trouble is not None and failures.is_out_of_memory(trouble)
        told = trouble if self.rank and isinstance(trouble, TLStudioError) else None
        is_lacking = self.rank > 0 and bool(self.skipped.reasons)
        figures = self.line.total(number, float(is_short), float(trouble is not None), float(told is not None), float(is_lacking))
        total, num_short, num_troubled, num_told, num_lacking = figures
        troubles = self._troubles(told) if num_told else []
        if trouble is not None:
            raise trouble
        if num_troubled and self.rank:
            return loss  # what becomes of it is said by rank 0
        if troubles:
            raise self._error(troubles)
        if num_troubled > num_short:
            raise CrewLostError("another process of this training cannot go on")
        if num_short:
            raise torch.OutOfMemoryError("another process of this training had too little memory")
        loss = self._mean(loss, number / max(1.0, total))
        if num_lacking and not self.rank:
            self.count_skipped()
        return loss

    def count_skipped(self) -> None:
        """Rank 0 counts what the others could not use with its own. It raises as `Skipped.add` where that is too much."""
        if not self.rank:
            self.line.tell(Count())
        rows = self._told(msgspec.json.encode(Lacking(reasons=self.skipped.hand_over())) if self.rank else b"")
        try:
            for row in rows:
                for sample, reason in msgspec.json.decode(row, type=Lacking).reasons.items():
                    self.skipped.add(self._entries[sample], TLStudioError(reason, reason))
        except ImagesAway as away:
            are_back_here = away.are_back
            raise ImagesAway(away.title, are_back=lambda: are_back_here() and self.are_back(of_skipped=True)) from away

    def agree(self, trouble: TLStudioError | None = None) -> bool:
        """Whether nobody has any `trouble`, told to all; rank 0 raises it: `ImagesAway` where it is over once they are back."""
        (number,) = self.line.total(float(trouble is not None))
        if number and (troubles := self._troubles(trouble)):
            raise self._error(troubles)
        return not number

    def are_back(self, *, mine: bool = True, of_skipped: bool = False) -> bool:
        """Whether the images of all are there again, at rank 0 `of_skipped` those that were counted; `mine` are those of this process."""
        if not self.rank:
            self.line.tell(Look(of_skipped=of_skipped))
        return not self.line.total(float(not mine))[0]

    def have_sat(self, *, mine: bool = True) -> bool:
        """Whether all are done with their share of an exam; those who are not go on with it for some seconds first."""
        with self.line.hurried():
            if not self.rank:
                self.line.tell(Sit())
            return not self.line.total(float(not mine))[0]

    def _troubles(self, mine: TLStudioError | None) -> list[Trouble]:
        """Rank 0: what all others have to tell."""
        rows = self._told(b"" if mine is None else msgspec.json.encode(self._trouble(mine)))
        return [msgspec.json.decode(row, type=Trouble) for row in rows]

    def _told(self, mine: bytes) -> list[bytes]:
        """Rank 0: the JSON of all others, of those who have any."""
        (length,) = self.line.total(len(mine))
        row = torch.frombuffer(bytearray(mine.ljust(int(length))), dtype=torch.uint8)
        rows = (bytes(row.tolist()).strip() for row in self.line.gather(row[None]))
        return [row for row in rows if row]

    def _trouble(self, error: TLStudioError) -> Trouble:
        title = error.title
        if not self._place.is_one_machine:
            title = message("crew.elsewhere", "On {machine}: {what}", machine=platform.node(), what=title)
        return Trouble(title=title, hint=error.hint, details=error.details, is_away=isinstance(error, ImagesAway))

    def _error(self, troubles: Sequence[Trouble]) -> TLStudioError:
        """That of one of them: one for which nothing is to be waited, where there is any."""
        worst = min(troubles, key=lambda trouble: trouble.is_away)
        if worst.is_away:
            return ImagesAway(worst.title, are_back=self.are_back)
        return TLStudioError(worst.title, worst.hint, details=worst.details)

    def exam(self, exam: Exam) -> "SharedExam":
        """The exam, shared."""
        self.own_exam = exam
        return SharedExam(exam, self)

    def share(self, items: Sequence[ManifestEntry]) -> Sequence[ManifestEntry]:
        """Those that are this process's."""
        return items[self.rank :: self.size]

    def dismiss(self) -> None:
        """Rank 0: the others go home. Raises `CrewLostError` where one of them is gone or hangs."""
        try:
            if not self.line.is_lost:
                self.line.end()
        finally:
            forget(self._place)

    @torch.no_grad()
    def spread(self) -> None:
        """All have the weights of rank 0 then."""
        flat = _flat(self._weights).to(self._device)
        self.line.broadcast(flat, group=self._group)
        if self.rank:
            _fill(self._weights, flat)

    def collect(self, mine: Features, *, num_samples: int) -> dict[int, NDArray[np.float32]]:
        """Rank 0: features f32[D] of `num_samples` shared samples, by their numbers; the others get nothing.

        Called where all have agreed that they have theirs.
        """
        number = ceil(num_samples / self.size)
        samples = torch.full((number,), -1, dtype=torch.int64)
        values = torch.zeros((number, mine.values.shape[1]))
        samples[: len(mine.entries)] = torch.tensor([entry.sample for entry in mine.entries], dtype=torch.int64)
        values[: len(mine.entries)] = torch.from_numpy(mine.values)
        numbers, rows = self.line.gather(samples), self.line.gather(values)
        return {sample: row.numpy() for sample, row in zip(numbers.tolist(), rows, strict=True) if sample >= 0}

    @torch.no_grad()
    def _mean(self, loss: Tensor, share: float) -> Tensor:
        """Gradients and loss of all, each times its `share` of the images."""
        gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in self._weights]
        flat = _flat([*gradients, loss.reshape(1)]).mul_(share).to(self._device)
        self.line.reduce(flat, group=self._group)
        if self.rank:
            return loss
        trained = [(weight, gradient) for weight, gradient in zip(self._weights, gradients, strict=True) if weight.requires_grad]
        _fill(gradients, flat)
        for weight, gradient in trained:
            weight.grad = gradient
        return flat[-1].to(loss.device)


@dataclass(frozen=True, eq=False)
class SharedExam:
    """Stands in for `exam` where several processes sit it, each its share; rank 0 has the result."""

    exam: Exam
    crew: Crew

    def sit(self, entries: Sequence[ManifestEntry], *, tells: bool = False) -> Generator[AnyEvent, None, Features]:
        """As `Exam.sit`."""
        started = time.monotonic()
        while True:
            with self.crew.line.hurried():
                self.crew.line.tell(Judge(samples=tuple(entry.sample for entry in entries)))
                self.crew.spread()
            mine = yield from self.exam.sit(self.crew.share(entries), tells=tells)
            found = yield from self._collect(mine, num_samples=len(entries))
            try:
                with self.crew.line.hurried():
                    self.crew.count_skipped()
                break
            except ImagesAway as away:
                yield from away.wait(self.exam.gate)  # and all of it once more: what was left out may be back
        yield from self.exam.skipped.news()
        kept = tuple(entry for entry in entries if entry.sample in found)
        values = np.stack([found[entry.sample] for entry in kept]) if kept else mine.values
        return Features(entries=kept, values=values, num_cached=0, seconds=time.monotonic() - started)

    def _collect(self, mine: Features, *, num_samples: int) -> Generator[AnyEvent, None, dict[int, NDArray[np.float32]]]:
        """What all have found, once they are done and the images of all are there."""
        while True:
            while not self.crew.have_sat():
                yield StillWorking()
                yield from self.exam.gate.obey()
            try:
                with self.crew.line.hurried():
                    self.crew.line.tell(Collect(num_samples=num_samples))
                    self.crew.agree()
                    return self.crew.collect(mine, num_samples=num_samples)
            except ImagesAway as away:
                yield from away.wait(self.exam.gate)


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([tensor.detach().reshape(-1).float() for tensor in tensors])


def _fill(tensors: Sequence[Tensor], flat: Tensor) -> None:
    """The values of `flat` into the tensors, each in its own layout; what is left over at its end is not theirs."""
    sizes = [tensor.numel() for tensor in tensors]
    for tensor, part in zip(tensors, torch.split(flat[: sum(sizes)], sizes), strict=True):
        tensor.copy_(part.view(tensor.shape))
