"""How long a training will take and how much memory it will need, worked out before it starts."""

from collections.abc import Sequence
from math import ceil, prod
from statistics import median

import msgspec

from tlstudio.domain.machine import MachineProfile, NetworkProfile, Setting, StageCost
from tlstudio.domain.networks import NetworkSpec
from tlstudio.domain.prefix import num_different_views, num_judged_views, prefix_bytes
from tlstudio.domain.rate_finder import NUM_STEPS
from tlstudio.domain.recipe import FineTunePart, HeadPart, LoraPart, Recipe
from tlstudio.domain.view_sizes import mean_area

_LIBRARIES_BYTES = 850_000_000
_CREATE_S = 0.3
_CREATE_S_PER_PARAMETER = 2e-8
"""Making a network, reading its weights and proving their hash."""
_SOLVER_STEPS = 220
"""Of the head on cached features, all penalties together; more make no better head."""
_SOLVER_SHARE_OF_GEMM = 0.3
"""The solver's products are tall and thin, and in double precision."""
_OTHER_HEAD_EPOCHS = 60
"""Heads that are not solved are trained on the cached features for about so many."""
_VIEW_S_PER_PIXEL = 4e-8
"""Cutting and turning a training view out of cached pixels, one thread."""
_OPTIMIZER_BYTES = 120
"""Read and written for each number that trains, each step: gradient, two moments, weight decay, clipping, average."""
_LORA_BACKWARD = 0.7
"""The products that only the frozen weights would need fall away."""
_COPIES = 9
"""Of each number that trains: gradient, two moments, the running average; and all of them with the weights once more where a checkpoint
is written."""
_TRAINING_BYTES = 60_000_000
"""Decoded pixels, views that are made ahead."""
_FRAGMENTED = 1.3
"""What is freed between passes of different sizes does not all come back."""
_DISK_BYTES_PER_S = 300e6
_SHARE_OF_RATE = 0.6
"""Of the rate of one large convolution or product, as whole stages reach it."""
_TRAFFIC = 3.0
"""How often an activation passes through memory."""
_BACKWARD = 2.5
"""The way back over the way there: two products for one, and more for depthwise convolutions."""
_MACS_PER_KEPT_NUMBER = 60
"""Where nobody counted activations: between a MobileNet and a ResNet."""
_MEASURED_WITHIN, _GUESSED_WITHIN = 1.5, 3.0
_MOST_CORRECTED = 3.0
"""Of an expectation by earlier runs: what was further off had another reason, such as a machine that did something else."""


class SetSize(msgspec.Struct, frozen=True, kw_only=True):
    """What of a data set decides about time."""

    num_train: int
    num_val: int
    num_test: int
    num_classes: int
    mean_pixels: float
    """Pixels of an image's file, in the mean."""
    num_cached: int = 0
    """Images whose features are known already."""

    @property
    def num_images(self) -> int:
        """All that take part."""
        return self.num_train + self.num_val + self.num_test


class RunEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What to expect of a run; seconds and bytes."""

    first_pass_s: float
    """Once: decoding, and the pass of what is frozen."""
    epoch_s: float
    """Each epoch with its validation; 0 where only a head is solved."""
    total_s: float
    """All epochs, as where it does not stop early."""
    low_s: float
    high_s: float
    """The span in which its work is expected to lie, as runs are timed: without loading libraries."""
    memory_bytes: int
    """At the peak: weights, gradients, optimizer, activations of one batch, libraries."""
    least_bytes: int
    """Libraries and weights: without so much nothing can even be loaded."""
    available_bytes: int
    """What the device has for it."""
    num_trainable: int
    num_parameters: int
    cache_bytes: int
    """What features, frozen prefixes and pixels take on the disk."""
    is_measured: bool
    """Whether this network was measured here; otherwise the machine's rates stand in."""
    start_s: float = 0.0
    """Of the whole: until the libraries are loaded."""
    num_earlier: int = 0
    """Earlier runs whose time corrected it."""

    @property
    def is_known(self) -> bool:
        """Whether it rests on something that was measured here, and is no guess."""
        return self.is_measured or self.num_earlier > 0

    @property
    def fits(self) -> bool:
        """Whether the memory suffices, the batch as it is."""
        return self.memory_bytes <= self.available_bytes

    @property
    def can_start(self) -> bool:
        """Whether there is room for the network itself."""
        return self.least_bytes <= self.available_bytes


def estimate(profile: NetworkProfile, machine: MachineProfile, recipe: Recipe, sizes: SetSize) -> RunEstimate:
    """What `recipe` will take on `machine` with data of these `sizes`. Costs microseconds: asked at every move of a slider."""
    part, num_judged = recipe.finetune, num_judged_views(recipe)
    profile = _judging(profile, num_judged)
    if recipe.precision != "auto" or recipe.view_rule != 2:  # then its frozen stages run as its steps do
        profile = msgspec.structs.replace(profile, frozen_precision=None)
    num_open = min(part.num_stages, len(profile.stages)) if part else 0
    cut = len(profile.stages) - num_open
    frozen, open_ = profile.stages[:cut], profile.stages[cut:]
    num_head = head_parameters(recipe.head, profile.num_features, sizes.num_classes)
    num_backbone = sum(stage.num_parameters for stage in profile.stages)
    num_trainable = num_head + (_num_adapted(open_, part.lora) if part and part.lora else sum(stage.num_parameters for stage in open_))
    num_views = kept_views(recipe, frozen)
    first_s = _first_pass_s(profile, machine, recipe, sizes)
    epoch_s = once_s = 0.0
    if part is not None:
        epoch_s = _epoch_s(profile, machine, part, sizes, frozen, open_, num_trainable, is_kept=num_views > 0)
        once_s = _once_s(profile, machine, sizes, frozen, num_views)
    start_s = machine.start_s + _CREATE_S + _CREATE_S_PER_PARAMETER * num_backbone
    epochs = part.epochs if part else 0
    base_s = start_s + first_s + once_s
    total_s = base_s + epochs * epoch_s
    fewest = min(epochs, part.patience + 1) if part and part.patience else epochs
    within = _MEASURED_WITHIN if profile.is_measured and machine.is_measured else _GUESSED_WITHIN
    base_bytes = 0 if machine.device != "cpu" else _LIBRARIES_BYTES
    least = base_bytes + 4 * (num_backbone + num_head)
    return RunEstimate(
        first_pass_s=first_s + once_s,
        epoch_s=epoch_s,
        total_s=total_s,
        low_s=(base_s - machine.start_s + fewest * epoch_s) / within,
        high_s=(total_s - machine.start_s) * within,
        memory_bytes=least + _working_bytes(profile, part, frozen, open_, num_trainable),
        least_bytes=least,
        available_bytes=machine.memory_bytes,
        num_trainable=num_trainable,
        num_parameters=num_backbone + num_head,
        cache_bytes=_cache_bytes(profile, part, sizes, frozen, (num_views, num_judged)),
        is_measured=profile.is_measured and machine.is_measured,
        start_s=machine.start_s,
    )


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """What an earlier run took, against what is expected of the same work now."""

    measured_s: float
    expected_s: float


def work_s(expected: RunEstimate, *, epochs_left_out: int = 0) -> float:
    """What is expected of a run as runs are timed and told: without loading libraries, and without epochs that it ended before."""
    return expected.total_s - expected.start_s - epochs_left_out * expected.epoch_s


def corrected(expected: RunEstimate, earlier: Sequence[Took]) -> RunEstimate:
    """`expected` times how far off it would have been for `earlier` runs: their median, which is held between a third and three.

    Where it had to be held, the span stays as wide as it was; else it is that of what was measured.
    """
    if not earlier:
        return expected
    measured = median(item.measured_s / item.expected_s for item in earlier)
    share = min(_MOST_CORRECTED, max(1 / _MOST_CORRECTED, measured))
    seconds = share * work_s(expected)
    before = expected.high_s / work_s(expected)
    within = min(before, _MEASURED_WITHIN) if share == measured else before
    return msgspec.structs.replace(
        expected,
        first_pass_s=share * expected.first_pass_s,
        epoch_s=share * expected.epoch_s,
        total_s=expected.start_s + seconds,
        low_s=share * expected.low_s * before / within,
        high_s=seconds * within,
        num_earlier=len(earlier),
    )


def _judging(profile: NetworkProfile, num_views: int) -> NetworkProfile:
    """Where an image is judged by several views, each of them passes the network."""
    if num_views == 1:
        return profile
    stages = tuple(msgspec.structs.replace(stage, forward_s=num_views * stage.forward_s) for stage in profile.stages)
    return msgspec.structs.replace(profile, stages=stages)


def rate_finder_s(profile: NetworkProfile, machine: MachineProfile, recipe: Recipe, sizes: SetSize) -> float:
    """Seconds that trying learning rates on `recipe` will take where every rate is tried; 0 where there are no steps."""
    part = recipe.finetune
    if part is None:
        return 0.0
    epochs = NUM_STEPS / max(1, ceil(sizes.num_train / part.batch_size))
    once = msgspec.structs.replace(recipe, finetune=msgspec.structs.replace(part, epochs=ceil(epochs)))
    expected = estimate(profile, machine, once, sizes)
    return expected.total_s - (ceil(epochs) - epochs) * expected.epoch_s


def head_parameters(head: HeadPart, num_features: int, num_classes: int) -> int:
    """Numbers in a new head."""
    if head.kind == "mlp":
        return (num_features + 1) * head.hidden + (head.hidden + 1) * num_classes
    return (num_features + 1) * num_classes


def images_s(machine: MachineProfile, *, reading_s: float, computing_s: float) -> float:
    """Seconds an image where one thread reads for `reading_s`: a card computes meanwhile, a processor has to share."""
    read_s = reading_s / machine.threads
    return read_s + computing_s if machine.device == "cpu" else max(read_s, computing_s)


def _first_pass_s(profile: NetworkProfile, machine: MachineProfile, recipe: Recipe, sizes: SetSize) -> float:
    """Features of what is not known yet, and the head on them."""
    reading_s = machine.decode_s + sizes.mean_pixels / machine.decode_pixels_per_s
    unknown = max(0, sizes.num_images - sizes.num_cached)
    return unknown * images_s(machine, reading_s=reading_s, computing_s=profile.forward_s) + _head_s(profile, machine, recipe, sizes)


def _head_s(profile: NetworkProfile, machine: MachineProfile, recipe: Recipe, sizes: SetSize) -> float:
    """Logistic regression is solved; the other kinds are trained a few dozen epochs on the same features."""
    flops = 4 * sizes.num_train * profile.num_features * sizes.num_classes
    rate = _SOLVER_SHARE_OF_GEMM * min(machine.gemm_flops.values())
    if recipe.head.kind == "linear":
        return _SOLVER_STEPS * (flops / rate + 4e-4)
    hidden = recipe.head.hidden if recipe.head.kind == "mlp" else sizes.num_classes
    steps = _OTHER_HEAD_EPOCHS * ceil(sizes.num_train / 32)
    return _OTHER_HEAD_EPOCHS * 6 * sizes.num_train * profile.num_features * hidden / rate + steps * 5e-4


def _epoch_s(
    profile: NetworkProfile,
    machine: MachineProfile,
    part: FineTunePart,
    sizes: SetSize,
    frozen: tuple[StageCost, ...],
    open_: tuple[StageCost, ...],
    num_trainable: int,
    *,
    is_kept: bool,
) -> float:
    """One epoch with its look at validation; `is_kept` where the activations behind the frozen stages are known by then."""
    backward_s = sum(stage.backward_s for stage in open_) * (_LORA_BACKWARD if part.lora else 1.0)
    computing_s = sum(stage.train_forward_s for stage in open_) + backward_s
    looking_s = sum(stage.forward_s for stage in open_)
    if is_kept:
        reading_s = 2 * _prefix_numbers(frozen) * 4 / machine.copy_bytes_per_s * machine.threads
    else:
        computing_s += sum(stage.train_forward_s for stage in frozen)
        looking_s = profile.forward_s
        reading_s = _view_s(profile)
    if len(profile.stages[0].output_shape) == 3:  # only networks of feature maps take images that grow
        computing_s *= mean_area(part, profile.input_size_px)
    training_s = sizes.num_train * images_s(machine, reading_s=reading_s, computing_s=computing_s)
    steps = ceil(sizes.num_train / part.batch_size)
    training_s += steps * num_trainable * _OPTIMIZER_BYTES / machine.copy_bytes_per_s
    saving_s = 4 * sum(stage.num_parameters for stage in profile.stages) / _DISK_BYTES_PER_S
    return training_s + sizes.num_val * looking_s + saving_s


def _once_s(profile: NetworkProfile, machine: MachineProfile, sizes: SetSize, frozen: tuple[StageCost, ...], num_views: int) -> float:
    """Of a fine-tuning, once: decoding for the training views, the frozen stages where they are kept, and the last predictions."""
    reading_s = machine.decode_s + sizes.mean_pixels / machine.decode_pixels_per_s
    decoding_s = sizes.num_images * reading_s / machine.threads
    predictions_s = (sizes.num_val + sizes.num_test) * profile.forward_s
    kept_s = 0.0
    if num_views:
        computing_s = profile.frozen_s(frozen)
        kept_s = num_views * sizes.num_train * images_s(machine, reading_s=_view_s(profile), computing_s=computing_s)
        kept_s += sizes.num_val * sum(stage.forward_s for stage in frozen)
    return decoding_s + predictions_s + kept_s


def kept_views(recipe: Recipe, frozen: tuple[StageCost, ...]) -> int:
    """Views of a training image whose activations behind the frozen stages are computed once instead of every epoch."""
    return num_different_views(recipe) if frozen else 0


def _view_s(profile: NetworkProfile) -> float:
    return 5e-4 + _VIEW_S_PER_PIXEL * profile.input_size_px**2


def _prefix_numbers(frozen: tuple[StageCost, ...]) -> int:
    return prod(frozen[-1].output_shape) if frozen else 0


def _num_adapted(open_: tuple[StageCost, ...], lora: LoraPart) -> int:
    """Numbers in the adapters of qkv (D to 3 D) and projection (D to D) of those stages that hand on tokens."""
    return sum(6 * lora.rank * stage.output_shape[-1] for stage in open_ if len(stage.output_shape) == 2)


def _working_bytes(
    profile: NetworkProfile,
    part: FineTunePart | None,
    frozen: tuple[StageCost, ...],
    open_: tuple[StageCost, ...],
    num_trainable: int,
) -> int:
    """What a run needs beside the network: what trains in its other shapes, and activations.

    What passes through a frozen stage is not kept, but it is there for a moment.
    """
    passing = [stage.kept_bytes // 2 for stage in profile.stages]
    looking = profile.inference.batch_size * max(passing, default=0)
    if part is None:
        return looking
    size = min(part.batch_size, part.micro_batch) or profile.images_at_once(part.batch_size)
    width = 0.6 if profile.training.precision == "bf16" else 1.0
    learning = size * width * (sum(stage.kept_bytes for stage in open_) + max(passing[: len(frozen)], default=0))
    return _TRAINING_BYTES + _COPIES * 4 * num_trainable + round(_FRAGMENTED * max(looking, learning))


def _cache_bytes(
    profile: NetworkProfile, part: FineTunePart | None, sizes: SetSize, frozen: tuple[StageCost, ...], views: tuple[int, int]
) -> int:
    num_views, num_judged = views
    judged = sizes.num_val + sizes.num_test
    total = (2 * sizes.num_train + 4 * judged) * profile.num_features
    if part is not None:
        pixels = 3 * profile.input_size_px**2
        total += round(1.15**2 * sizes.num_train * pixels) + judged * pixels
    numbers = _prefix_numbers(frozen)
    return total + prefix_bytes(numbers, num_views=num_views, num_train=sizes.num_train, num_val=num_judged * sizes.num_val)


def default_setting(machine: MachineProfile) -> Setting:
    """How a network is run that nobody has measured."""
    is_cpu = machine.device == "cpu"
    return Setting(batch_size=32 if is_cpu else 128)


def by_rates(network: NetworkSpec, machine: MachineProfile, *, input_size_px: int | None = None) -> NetworkProfile:
    """What `network` costs by its multiply-accumulates and the machine's rates, at its own input size or another; not measured.

    A stage takes as long as its arithmetic and the traffic of its activations through memory (a roofline, Williams et al. 2009).
    """
    size = input_size_px or network.input_size_px
    scale = (size / network.input_size_px) ** 2
    stages = network.stages or (network.num_parameters,)
    macs = network.stage_macs or _divided(network.macs or 500 * network.num_parameters, stages)
    kept = network.stage_kept or tuple(ceil(item / _MACS_PER_KEPT_NUMBER) for item in macs)
    outputs = network.stage_outputs or ((network.num_features,),) * len(stages)
    costs = []
    for num_parameters, num_macs, num_kept, shape in zip(stages, macs, kept, outputs, strict=True):
        rate = (machine.gemm_flops if len(shape) == 2 else machine.conv_flops)["fp32"]
        forward_s = scale * (2 * num_macs / (_SHARE_OF_RATE * rate) + _TRAFFIC * 4 * num_kept / machine.copy_bytes_per_s)
        costs.append(
            StageCost(
                num_parameters=num_parameters,
                macs=round(scale * num_macs),
                output_shape=_resized(shape, size / network.input_size_px),
                forward_s=forward_s,
                train_forward_s=forward_s,
                backward_s=_BACKWARD * forward_s,
                kept_bytes=round(scale * 4 * num_kept),
            )
        )
    setting = default_setting(machine)
    return NetworkProfile(
        architecture=network.name,
        input_size_px=size,
        num_features=network.num_features,
        stages=tuple(costs),
        inference=setting,
        training=setting,
    )


def _divided(macs: int, stages: tuple[int, ...]) -> tuple[int, ...]:
    """Multiply-accumulates by stage where nobody counted them: deeper stages have far more numbers, but smaller maps."""
    weights = [max(1, number) ** (1 / 3) for number in stages]
    return tuple(round(macs * weight / sum(weights)) for weight in weights)


def _resized(shape: tuple[int, ...], ratio: float) -> tuple[int, ...]:
    """What a stage hands on at another input size."""
    if len(shape) == 3:
        return (shape[0], *(max(1, ceil(side * ratio)) for side in shape[1:]))
    return (max(1, round(shape[0] * ratio**2)), shape[1]) if len(shape) == 2 else shape
