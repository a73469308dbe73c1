"""The second half of LP-FT (Kumar et al. 2022): the last stages follow the solved head with smaller learning rates.

The backbone stays in evaluation mode: batch norms keep the statistics they came with (a few hundred images are too few
for better ones), so that training, validation and export see the same function. Only a head's own dropout is at work while it trains.
"""

import itertools
import math
import time
from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import torch
from torch import Tensor, nn

from tlstudio.domain.events import AnyEvent, BackboneUnfrozen, PlanFixed, StepTrained, Warned
from tlstudio.domain.pruning import Curve
from tlstudio.domain.recipe import FineTunePart
from tlstudio.domain.splits import Split
from tlstudio.engine import checkpoint, failures, mixing, schedule
from tlstudio.engine.averaging import WeightAverage
from tlstudio.engine.best import Best, keep, validated
from tlstudio.engine.build import Training
from tlstudio.engine.data.loader import Batch, Batches
from tlstudio.engine.evaluate import logits_of
from tlstudio.engine.exam import Exam
from tlstudio.engine.models.interruption import Interrupted
from tlstudio.engine.models.stages import stages_of
from tlstudio.engine.not_a_number import NotANumber
from tlstudio.engine.param_groups import make_groups, open_stages, rates
from tlstudio.engine.pruner import Pruner
from tlstudio.engine.room import written
from tlstudio.engine.soup import Ingredient, Shelf
from tlstudio.engine.waiting import Waiting
from tlstudio.messages import message

if TYPE_CHECKING:
    from tlstudio.engine.distributed import SharedExam

HEAD = "network.head."
"""What the names of the head's tensors begin with in a `last` checkpoint."""
_SAVE_EVERY_S = 20.0
_TELL_EVERY_S = 1 / 30
_TELL_EVERY_CUDA_S = 0.25
_BETA2 = 0.999


class TrainingState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a fine-tuning stands: the card of a `last` checkpoint."""

    version: int = 1
    step: int
    epoch: int
    """Epochs that are trained and validated."""
    num_without_gain: int
    best: Best
    is_careful: bool = False
    """Whether it went back once because the loss was no number."""
    kept: tuple[Ingredient, ...] = ()
    """Of a soup."""
    curve: Curve = ()
    """Balanced accuracy on validation after each epoch."""


class FineTuning:
    """One fine-tuning: network, optimizer, position and the best so far. `train.fit` drives it."""

    def __init__(self, training: Training, part: FineTunePart, *, loader: Batches, exam: "Exam | SharedExam", best: Best) -> None:
        self.training = training
        self.gate = training.job.gate
        self.plan = training.plan
        self.best = best
        self.step = 0
        self.epoch = 0
        self.is_careful = False
        self.pruner = Pruner(training.job, num_epochs=part.epochs)
        self._num_without_gain = 0
        self._part = part
        self._loader = loader
        self._exam = exam
        self._validation = [entry for entry in training.entries if entry.split is Split.VAL]
        self._num_open = 0
        self._num_stages = min(part.num_stages, len(stages_of(training.network.backbone)))
        groups = make_groups(training.network, part, seed=training.recipe.seed)
        self.weights: list[nn.Parameter] = [weight for group in groups for weight in group["params"]]
        """All that is ever trained, in the order in which every process of the training has them."""
        self._optimizer = torch.optim.AdamW(groups, betas=(schedule.BETA1, _BETA2), fused=True)
        self._named = {name: tensor for name, tensor in training.network.named_parameters() if tensor.requires_grad}
        self._average = WeightAverage(self._named, num_steps=self.num_steps)
        self.shelf = Shelf(training.job.folder, number=part.soup, names=self._named)
        self._saved_at = self._told_at = time.monotonic()
        self._num_untold = 0
        self._gradient_norm: Tensor | None = None
        self._waiting = Waiting()

    @property
    def num_steps(self) -> int:
        """Optimizer steps of all epochs."""
        return self._part.epochs * self._loader.num_batches

    @property
    def is_early(self) -> bool:
        """Whether epochs are left, and validation has not improved for as long as the recipe is patient."""
        return self.epoch < self._part.epochs and 0 < self._part.patience <= self._num_without_gain

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to train."""
        return self.epoch >= self._part.epochs or self.is_early or self.pruner.verdict is not None

    @property
    def is_save_due(self) -> bool:
        """Whether the last checkpoint is old enough for another."""
        return time.monotonic() - self._saved_at > _SAVE_EVERY_S

    def unfreeze(self) -> Iterator[AnyEvent]:
        """Let the stages of this epoch train, and say so where they are others than before."""
        number = schedule.num_open(self._part, self.epoch, self._num_stages)
        if not self._num_open and not self.step:
            yield from _never_open(self._part, self._num_stages)
        if number != self._num_open:
            self._num_open, num_trainable = number, open_stages(self._optimizer, number)
            yield BackboneUnfrozen(step=self.step, num_stages=number, num_trainable=num_trainable, rates=rates(self._part, number))

    def remaining_batches(self) -> Generator[Batch, None, None]:
        """What is left of this epoch."""
        batches = self._loader.batches(self.epoch, start=self.step - self.epoch * self._loader.num_batches)
        yield from self._waiting.counted(batches)

    def endless_batches(self) -> Generator[Batch, None, None]:
        """Epoch after epoch, those without a readable image left out."""
        for epoch in itertools.count():
            is_empty = True
            for batch in self._loader.batches(epoch):
                if len(batch.targets):
                    is_empty = False
                    yield batch
            if is_empty:
                return

    def train(self, batch: Batch, *, share: float | None = None) -> Tensor | None:
        """One optimizer step; its mean loss, a scalar on the device. None where it was interrupted: then nothing has changed.

        `share`: of the recipe's learning rates, where it is not that of the step; the momentum is as usual then.
        """
        beta1 = schedule.momentum(self._part, self.step, self.num_steps) if share is None else schedule.BETA1
        for group in self._optimizer.param_groups:
            group["lr"] = group["base"] * (schedule.share_of_rate(self._part, self.step, self.num_steps) if share is None else share)
            group["betas"] = (beta1, _BETA2)
        try:
            loss = self.training.job.crew.backward(self, batch, self.compute_gradients)
        except Interrupted:
            return None
        norm = self._gradient_norm = nn.utils.clip_grad_norm_(self._named.values(), self._part.clip_norm or math.inf)
        self._optimizer.step()
        self.step += 1
        self._average.follow(self.step)
        return torch.where(norm.isfinite().to(loss.device), loss, torch.nan)  # of an empty batch the norm is not on the card

    def compute_gradients(self, batch: Batch, *, chance: int = 0) -> Tensor:
        """Gradients of the batch's mean loss in the weights, and that loss, a scalar on the device. Raises `Interrupted`.

        What the head leaves out depends on the step, and on `chance`: another number for each process.
        """
        torch.manual_seed(self.plan.seed * 1_000_003 + self.step + chance)
        self.training.network.zero_grad(set_to_none=True)
        assert self.training.network.head is not None
        self.training.network.head.train()
        try:
            return self._backward(batch)
        finally:
            self.training.network.head.eval()

    def _backward(self, batch: Batch) -> Tensor:
        """Gradients of the batch's mean loss, a micro-batch at a time. Raises `Interrupted`."""
        device, size = self.training.device, self.plan.micro_batch
        total = torch.zeros((), device=device.torch_device)
        if not len(batch.targets):
            return total
        for inputs, targets in zip(*(torch.split(tensor, size) for tensor in _shown(batch, self)), strict=True):
            with self.training.stepping():
                logits = batch.logits(self.training.network, inputs.to(device.torch_device, non_blocking=True))
            targets = targets.to(device.torch_device, non_blocking=True)
            loss = self.training.task.loss(logits, targets, smoothing=self._part.label_smoothing) / len(batch.targets)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return total

    def tell(self, batch: Batch, loss: Tensor) -> Iterator[AnyEvent]:
        """The step as an event, not more often than anybody can look. Raises `NotANumber`."""
        self._num_untold += len(batch.targets) * self.training.job.crew.size
        waited = time.monotonic() - self._told_at
        is_cuda = self.training.device.is_cuda
        if is_cuda and waited < _TELL_EVERY_CUDA_S:
            return  # reading the loss would wait for the card
        value = float(loss)
        if not math.isfinite(value):
            raise NotANumber(self.step)
        if waited < _TELL_EVERY_S and self.step < self.num_steps:
            return
        yield StepTrained(
            step=self.step,
            epoch=self.epoch,
            loss=value,
            learning_rate=self._part.learning_rate * schedule.share_of_rate(self._part, self.step - 1, self.num_steps),
            images_per_second=self._num_untold / max(1e-9, waited),
            gradient_norm=float(self._gradient_norm) if self._gradient_norm is not None else None,
            waiting=self._waiting.share(),
        )
        yield from self.training.skipped.news()
        self._told_at, self._num_untold = time.monotonic(), 0

    def halve_or_raise(self, error: RuntimeError | MemoryError) -> Iterator[AnyEvent]:
        """After running out of memory, go on with half the micro-batch and the same effective batch. Raises what cannot be mended."""
        if not failures.is_out_of_memory(error) or self.plan.micro_batch <= 1:
            raise error
        self._optimizer.zero_grad(set_to_none=True)
        if self.training.device.is_cuda:
            torch.cuda.empty_cache()
        before = self.plan.micro_batch
        self.plan = msgspec.structs.replace(self.plan, micro_batch=(before + 1) // 2)
        text = "There was not enough memory for {before} images at a time; it goes on with {now}, the result stays comparable."
        yield Warned(message=message("train.less_memory", text, before=before, now=self.plan.micro_batch))
        yield PlanFixed(plan=self.plan)

    def validate(self) -> Iterator[AnyEvent]:
        """Look at validation at the end of an epoch, and keep the averaged network where it is the best so far."""
        with self._average.in_place():
            yield from self.untimed(self._validate())
        if self.training.frozen is not None:
            yield from self.training.frozen.news()

    def _validate(self) -> Iterator[AnyEvent]:
        features = yield from self._exam.sit(self._validation)
        score = self.training.task.score(logits_of(self.training.network, features.values), features.targets)
        if not math.isfinite(score.loss):
            raise NotANumber(self.step)
        # What a stage that opens or a larger image brings shows only then: until all of it is in, nobody loses patience.
        may_count = schedule.is_settled(self._part, self.epoch, self._num_stages, self.training.sizes)
        self.epoch += 1
        self.pruner.look(score.balanced_accuracy)
        is_best = score.is_better_than(self.best.score)
        self._num_without_gain = 0 if is_best or not may_count else self._num_without_gain + 1
        yield validated(score, step=self.step, epoch=self.epoch, is_best=is_best)
        if is_best:
            self.best = yield from keep(self.training, score, step=self.step, epoch=self.epoch, penalty=self.best.penalty)
        offer = partial(self.shelf.offer, self.training.network, score, step=self.step, epoch=self.epoch)
        size = sum(tensor.nbytes for tensor in self._named.values())
        yield from written(offer, folder=self.training.job.folder, num_bytes=size, gate=self.gate)
        self._waiting.begin()

    def untimed(self, events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
        """`events` of what is no step: their time is not counted in the steps' images a second."""
        began = time.monotonic()
        yield from events
        self._told_at += time.monotonic() - began

    def save(self) -> Iterator[AnyEvent]:
        """Write everything a later attempt needs to go on with the same bits. Raises `NotANumber` where that would be of no use."""
        if not self._average.is_finite:
            raise NotANumber(self.step)
        assert self.training.network.head is not None
        tensors = {f"{HEAD}{name}": tensor for name, tensor in self.training.network.head.named_buffers()}
        tensors |= {f"network.{name}": tensor for name, tensor in self._average.weights.items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self._average.average.items()}
        for name, parameter in self._named.items():
            for key, value in self._optimizer.state.get(parameter, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
        folder, size = self.training.job.folder, sum(tensor.nbytes for tensor in tensors.values())
        save = partial(checkpoint.save, folder, checkpoint.LAST, self.state(), tensors, step=self.step)
        yield (yield from written(save, folder=folder, num_bytes=size, gate=self.gate))
        checkpoint.take_away_old(folder)
        self.shelf.tidy()
        self._saved_at = time.monotonic()

    def let_go(self) -> None:
        """Give back the memory of gradients, optimizer and average; where it stands and what was best is known still."""
        self._optimizer.zero_grad(set_to_none=True)
        self._optimizer.state.clear()
        self._average.clear()
        if self.training.device.is_cuda:
            torch.cuda.empty_cache()

    def state(self) -> TrainingState:
        """Where it stands."""
        return TrainingState(
            step=self.step,
            epoch=self.epoch,
            num_without_gain=self._num_without_gain,
            best=self.best,
            is_careful=self.is_careful,
            kept=self.shelf.kept,
            curve=self.pruner.curve,
        )

    def resume(self, state: TrainingState, tensors: dict[str, Tensor]) -> None:
        """Go to where a checkpoint was written; without its `tensors` the network is there already."""
        self.step, self.epoch, self.best = state.step, state.epoch, state.best
        self._num_without_gain, self.is_careful = state.num_without_gain, state.is_careful
        self.shelf.kept, self.pruner.curve = state.kept, state.curve
        if not tensors:
            return
        parts = ({name: tensors[f"{part}.{name}"] for name in self._named} for part in ("network", "average"))
        self._average.load(*parts)
        for key in ("step", "exp_avg", "exp_avg_sq"):
            for name, parameter in self._named.items():
                if (value := tensors.get(f"optimizer.{key}.{name}")) is not None:
                    self._optimizer.state[parameter][key] = _like(parameter, value, key)


def _never_open(part: FineTunePart, num_stages: int) -> Iterator[Warned]:
    """A word where the epochs are over before the last stage's turn comes."""
    number = schedule.num_open(part, part.epochs - 1, num_stages)
    if number < num_stages:
        text = "Only {number} of the {total} stages will train: unfreezing every {every} epochs, {epochs} epochs are too few for the rest."
        every, epochs = part.unfreeze_every, part.epochs
        yield Warned(message=message("train.never_open", text, number=number, total=num_stages, every=every, epochs=epochs))


def _shown(batch: Batch, tuning: FineTuning) -> tuple[Tensor, Tensor]:
    """What the network is shown, and the labels that it is to say: i64[N], f32[N, K] where images are mixed."""
    part = tuning.training.recipe.finetune
    if part is None or not part.mixes_images:
        return batch.inputs(), batch.targets
    seed, num_classes = tuning.plan.seed, tuning.training.task.num_outputs
    return mixing.mixed(batch.inputs(), batch.targets, part, num_classes=num_classes, seed=seed, step=tuning.step)


def _like(parameter: nn.Parameter, value: Tensor, key: str) -> Tensor:
    """Optimizer state as it was: on the parameter's device and in its layout; the step count in single precision."""
    if key == "step":
        return value.float().to(parameter.device)
    return torch.empty_like(parameter, requires_grad=False).copy_(value)
