"""How one network runs fastest here: order of memory, precision and batch, in turns against each other; and what its stages cost.

What is judged stays in single precision: only training may be run in bf16. The usual setting is left only for one that was clearly
faster than it, so that noise never chooses.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import product

import msgspec
import psutil
import torch
from torch import Tensor

from tlstudio.domain.events import AnyEvent, StillWorking
from tlstudio.domain.machine import NetworkProfile, Precision, Setting, StageCost, evened
from tlstudio.engine import failures
from tlstudio.engine.device import Device
from tlstudio.engine.models.folding import Folded, fold, is_on_processor
from tlstudio.engine.models.network import Network
from tlstudio.engine.probe_frozen import fastest_frozen
from tlstudio.engine.stage_costs import Seen, look, num_parameters
from tlstudio.engine.stopwatch import duel, race, seconds

_INFERENCE_S, _TRAINING_S = 3.0, 7.0
"""Aims; a network of which single passes take longer gets few of them."""
_LARGEST_SHARE = 1 / 3
"""Of the aim that one pass may take, reckoned from a single image, which takes longer than its share of a batch."""
_STAND_INS = (4, 2, 1)
"""Batches of a network so large that no usual one is short enough; a single image tells least of what a batch takes."""
_NUM_MORE = 2
_MARGIN, _CLEAR_MARGIN = 0.03, 0.25
"""Of many runs, and of a single one."""
_BYTES_PER_PARAMETER = 12
"""Gradients, and as much again for what passes."""
_LOOKED_AT = 8
"""Images in the batch whose stages are timed."""
_BATCHES = {"cpu": (8, 16, 32), "mps": (8, 16, 32), "cuda": (32, 64, 128, 256)}

Run = Callable[[Setting], float]
"""Seconds an image that one pass in a setting took."""


def measure(network: Network, device: Device, *, architecture: str, input_size_px: int) -> Generator[AnyEvent, None, NetworkProfile]:
    """Try the settings and time the stages: seconds for a small network. Its weights are as they were afterwards, and it is frozen."""
    folded = None if device.is_cuda else fold(network, size_px=input_size_px)
    passes = Passes(network=network, device=device, input_size_px=input_size_px, folded=folded)
    exact: tuple[Precision, ...] = ("fp32",)
    inference, inference_s = yield from fastest(passes.infer, device, precisions=exact, budget_s=_INFERENCE_S)
    training, training_s = device.usual_setting, 0.0
    if passes.has_room_to_train:
        precisions: tuple[Precision, ...] = ("fp32", "bf16") if device.has_bf16 else exact
        training, training_s = yield from fastest(passes.train, device, precisions=precisions, budget_s=_TRAINING_S)
    frozen, share = None, 1.0
    if is_on_processor(network):
        run = _sparing_memory(passes.freeze, device)
        frozen, share = yield from fastest_frozen(run, inference_s, channels_last=training.channels_last)
    stages = yield from _stages(passes, inference, inference_s, training, training_s)
    network.lay_out(channels_last=True)
    return NetworkProfile(
        architecture=architecture,
        input_size_px=input_size_px,
        num_features=network.num_features,
        stages=evened(stages),
        inference=inference,
        training=training,
        frozen_precision=frozen,
        frozen_share=share,
        is_measured=True,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Passes:
    """Single passes of random images through the network."""

    network: Network
    device: Device
    input_size_px: int
    folded: Folded | None = None
    """As training steps compute, and as is judged."""

    @property
    def has_room_to_train(self) -> bool:
        """Whether a small batch can be expected to find memory for its way back."""
        needed = _BYTES_PER_PARAMETER * sum(parameter.numel() for parameter in self.network.parameters())
        where = self.device.torch_device
        free = torch.cuda.mem_get_info(where)[0] if self.device.is_cuda else psutil.virtual_memory().available
        return bool(needed < free)

    def infer(self, setting: Setting) -> float:
        """Seconds an image without a way back."""
        images = self.images(setting)
        with self.judging():
            self.features(images[:1])  # what is computed once for all batches is not counted
            return seconds(lambda: self.features(images), self.device.torch_device) / setting.batch_size

    def train(self, setting: Setting) -> float:
        """Seconds an image forward and backward, every stage learning."""
        images = self.images(setting)

        def work() -> None:
            self.learnt(images, setting).float().square().mean().backward()  # type: ignore[no-untyped-call]

        self.network.requires_grad_(True)
        try:
            return seconds(work, self.device.torch_device) / setting.batch_size
        finally:
            self.forget()

    def look(self, setting: Setting, *, backward: bool) -> list[Seen]:
        """The same, stage by stage."""
        images = self.images(setting)
        if not backward:
            with self.judging():
                self.features(images[:1])
                return look(self.network, images, pass_=self.features, backward=False)
        self.network.requires_grad_(True)
        try:
            return look(self.network, images, pass_=lambda given: self.learnt(given, setting), backward=True)
        finally:
            self.forget()

    def images(self, setting: Setting) -> Tensor:
        """uint8[N, S, S, 3], and the network laid out as the setting says."""
        self.network.lay_out(channels_last=setting.channels_last)
        shape = (setting.batch_size, self.input_size_px, self.input_size_px, 3)
        generator = torch.Generator().manual_seed(0)
        return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator).to(self.device.torch_device)

    def features(self, images: Tensor) -> Tensor:
        """Without a way back."""
        with torch.inference_mode():
            return self.network.features(images)

    def freeze(self, setting: Setting) -> float:
        """Seconds an image as frozen stages make training views, all stages being frozen."""
        images = self.images(setting)
        pairs = self.folded.folded_once(setting.precision) if self.folded is not None else []
        folded = self.folded.judging(pairs=pairs) if self.folded is not None else nullcontext()
        with self.device.autocast(setting.precision), folded:
            self.features(images[:1])
            return seconds(lambda: self.features(images), self.device.torch_device) / setting.batch_size

    def judging(self) -> AbstractContextManager[None]:
        """Within this it computes as it judges."""
        return self.folded.judging() if self.folded is not None and is_on_processor(self.network) else nullcontext()

    def learnt(self, images: Tensor, setting: Setting) -> Tensor:
        """As a training step computes them."""
        as_in_steps = nullcontext() if self.folded is None else self.folded.stepping()
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=setting.precision == "bf16"), as_in_steps:
            return self.network.features(images)

    def forget(self) -> None:
        """Frozen again, without gradients."""
        self.network.zero_grad(set_to_none=True)
        self.network.requires_grad_(False)


def fastest(
    run: Run, device: Device, *, precisions: tuple[Precision, ...], budget_s: float
) -> Generator[AnyEvent, None, tuple[Setting, float]]:
    """The setting to use and its seconds an image: order and precision first, then the batch, then once more against the usual one.

    Where a usual batch takes too long, smaller ones stand in for it and its size stays as it is.
    """
    run, usual = _sparing_memory(run, device), device.usual_setting
    one = msgspec.structs.replace(usual, batch_size=1)
    run(one)  # prepares what later passes find ready
    image_s = run(one)
    if _NUM_MORE * image_s <= _LARGEST_SHARE * budget_s:  # a disturbance must not make a small network a large one
        image_s = min(image_s, *(run(one) for _pass in range(_NUM_MORE)))
    yield StillWorking()
    sizes = [size for size in _BATCHES[device.torch_device.type] if size * image_s <= _LARGEST_SHARE * budget_s]
    stand_in = next((size for size in _STAND_INS if size * image_s <= _LARGEST_SHARE * budget_s), 1)
    small = [
        msgspec.structs.replace(one, channels_last=order, precision=precision, batch_size=sizes[0] if sizes else stand_in)
        for order, precision in product((True, False), precisions)
    ]
    if not sizes:
        return (yield from _fastest_of_slow(small, run, usual, image_s, budget_s))
    best = _winner((yield from _raced(small, run, budget_s / 2)))
    run = _evenly(run, sizes[-1])
    sized = [msgspec.structs.replace(best, batch_size=size) for size in sizes]
    times = yield from _raced(sized, run, budget_s / 4)
    best = _winner(times)
    is_same_batch = usual.batch_size in sizes
    rival = usual if is_same_batch else msgspec.structs.replace(usual, batch_size=sizes[-1])
    best = best if is_same_batch else sized[-1]
    wins, chosen_s = False, times[best]
    if best != rival:
        for wins, chosen_s in duel(best, rival, run, margin=_MARGIN):  # noqa: B007 (the last word counts)
            yield StillWorking()
    chosen = best if wins else rival
    return (chosen if is_same_batch else msgspec.structs.replace(chosen, batch_size=usual.batch_size)), chosen_s


def _fastest_of_slow(
    settings: Sequence[Setting], run: Run, usual: Setting, image_s: float, budget_s: float
) -> Generator[AnyEvent, None, tuple[Setting, float]]:
    """Of a network so large that a few images take long: one run each, and only a clear winner counts; none of the very slow."""
    if image_s > budget_s:
        return usual, image_s
    times: dict[Setting, float] = {}
    for setting in settings:
        times[setting] = run(setting)
        yield StillWorking()
    rival = msgspec.structs.replace(usual, batch_size=settings[0].batch_size)
    best = _winner(times)
    chosen = best if times[best] < (1 - _CLEAR_MARGIN) * times[rival] else rival
    return msgspec.structs.replace(chosen, batch_size=usual.batch_size), times[chosen]


def _raced(settings: Sequence[Setting], run: Run, budget_s: float) -> Generator[AnyEvent, None, dict[Setting, float]]:
    newest: dict[Setting, float] = {}
    for times in race(settings, run, budget_s=budget_s):
        newest = times
        yield StillWorking()
    return newest


def _winner(times: dict[Setting, float]) -> Setting:
    return min(times, key=lambda setting: times[setting])


def _evenly(run: Run, num_images: int) -> Run:
    """The same number of images in every setting: a shorter pass would find a quiet moment more easily than a longer one."""

    def repeated(setting: Setting) -> float:
        times = [run(setting) for _pass in range(max(1, num_images // setting.batch_size))]
        return sum(times) / len(times)

    return repeated


def _sparing_memory(run: Run, device: Device) -> Run:
    """What memory does not suffice for takes for ever."""

    def spared(setting: Setting) -> float:
        try:
            return run(setting)
        except RuntimeError as error:
            if not failures.is_out_of_memory(error):
                raise
        if device.is_cuda:
            torch.cuda.empty_cache()
        return float("inf")

    return spared


def _stages(
    passes: Passes, inference: Setting, inference_s: float, training: Setting, training_s: float
) -> Generator[AnyEvent, None, tuple[StageCost, ...]]:
    """Times by stage, scaled to the sums that were measured without a look inside."""
    small = min(_LOOKED_AT, inference.batch_size)
    seen = passes.look(msgspec.structs.replace(inference, batch_size=small), backward=False)
    yield StillWorking()
    forward = _scaled([item.forward_s for item in seen], inference_s)
    kept = [4 * _numbers(item) for item in seen]
    train_forward, backward = forward, [2 * item for item in forward]
    if training_s and training_s != float("inf"):
        exact = msgspec.structs.replace(training, precision="fp32", batch_size=2)
        kept = [item.kept_bytes for item in passes.look(exact, backward=True)]
        yield StillWorking()
        learnt = passes.look(msgspec.structs.replace(training, batch_size=small), backward=True)
        yield StillWorking()
        both = _scaled([item.forward_s for item in learnt] + [item.backward_s for item in learnt], training_s)
        train_forward, backward = both[: len(seen)], both[len(seen) :]
    numbers = num_parameters(passes.network)
    return tuple(
        StageCost(
            num_parameters=numbers[index],
            macs=item.macs,
            output_shape=item.output_shape,
            forward_s=forward[index],
            train_forward_s=train_forward[index],
            backward_s=backward[index],
            kept_bytes=kept[index],
        )
        for index, item in enumerate(seen)
    )


def _numbers(seen: Seen) -> int:
    count = 1
    for side in seen.output_shape:
        count *= side
    return count


def _scaled(times: list[float], total_s: float) -> list[float]:
    whole = sum(times)
    return [item * total_s / whole for item in times]
