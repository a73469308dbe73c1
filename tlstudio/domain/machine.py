"""What this machine reaches, and what a network costs on it: measured once, kept, and read by every estimate."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Precision = Literal["fp32", "bf16"]


class MachineProfile(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one device, as the machine probe measured them."""

    version: int = 1
    device: str
    """cpu, or cuda:N."""
    device_name: str
    threads: int
    conv_flops: dict[str, float]
    """Floating-point operations a second of a 3 x 3 convolution, by precision."""
    gemm_flops: dict[str, float]
    """The same of a matrix product."""
    copy_bytes_per_s: float
    """Bytes a second that a large copy in the device's memory reads and writes."""
    decode_pixels_per_s: float
    """Pixels a second that one thread decodes from JPEG."""
    decode_s: float = 0.001
    """What one thread needs for an image however small it is: reading it, hashing it, fitting it to a network's input."""
    start_s: float = 3.0
    """From a new process until its libraries are loaded."""
    memory_bytes: int
    """What the device has for a run."""
    measured_at: float
    """Seconds since the epoch; 0 where nothing was measured and these are a cautious guess."""
    versions: dict[str, str] = {}

    @property
    def is_measured(self) -> bool:
        """Whether the machine probe found these figures here."""
        return self.measured_at > 0


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """How a network is run: the choice of the probe."""

    channels_last: bool = True
    precision: Precision = "fp32"
    batch_size: int = 32


class StageCost(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a network, from the input to the last before the head; times are seconds an image."""

    num_parameters: int
    macs: int
    output_shape: tuple[int, ...]
    """[C, H, W] of one image's feature map, or [tokens, D]."""
    forward_s: float
    """As `NetworkProfile.inference` runs it."""
    train_forward_s: float
    """As `NetworkProfile.training` runs it."""
    backward_s: float
    """Of its own parameters and of what it hands back to the stage before, as `NetworkProfile.training` runs it."""
    kept_bytes: int
    """Activations of one image that a backward pass through it keeps, in fp32."""


class NetworkProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What one network costs on one machine."""

    version: int = 4
    """2: training steps run with folded batch norms, which changes what is fastest. 3: so does what is judged. 4: and what is frozen."""
    architecture: str
    input_size_px: int
    num_features: int
    stages: tuple[StageCost, ...]
    inference: Setting = Setting()
    """The fastest way to run it where nothing is kept for a backward pass."""
    training: Setting = Setting()
    frozen_precision: Precision | None = None
    """In which frozen stages make training views fastest on a processor; None where they run as training steps do."""
    frozen_share: float = 1.0
    """Of the stages' `forward_s`, what they take then."""
    is_measured: bool = False
    """Whether the times were measured with this network, or worked out from its multiply-accumulates and the machine's rates."""
    is_timed: bool = False
    """Whether the sum of what is worked out was timed at least: the way forward, in passing."""

    @property
    def forward_s(self) -> float:
        """Seconds an image of the whole backbone."""
        return sum(stage.forward_s for stage in self.stages)

    def images_at_once(self, batch_size: int) -> int:
        """How many images of a step's batch are computed together where memory suffices: never fewer than is usual.

        Fewer may be faster by themselves, but not in a training: each part's operations queue with the threads that read images for the
        interpreter's lock, and behind kept activations, where maps are small, parts only read the weights more often.
        """
        return min(batch_size, max(self.training.batch_size, Setting().batch_size)) if self.is_measured else batch_size

    def frozen_s(self, stages: Sequence[StageCost]) -> float:
        """Seconds an image of frozen `stages` that make a training view."""
        if self.frozen_precision is None:
            return sum(stage.train_forward_s for stage in stages)
        return self.frozen_share * sum(stage.forward_s for stage in stages)


def evened(stages: tuple[StageCost, ...]) -> tuple[StageCost, ...]:
    """Stages with equal parameters, arithmetic and shapes share the mean of their times: what one of them took longer was noise."""
    alike: dict[tuple[object, ...], list[StageCost]] = {}
    for stage in stages:
        alike.setdefault((stage.num_parameters, stage.macs, stage.output_shape), []).append(stage)
    found = []
    for stage in stages:
        same = alike[stage.num_parameters, stage.macs, stage.output_shape]
        mean = {name: sum(getattr(item, name) for item in same) / len(same) for name in ("forward_s", "train_forward_s", "backward_s")}
        found.append(msgspec.structs.replace(stage, **mean))
    return tuple(found)


class NetworkTiming(msgspec.Struct, frozen=True, kw_only=True):
    """How long one network took on one machine where nothing else of it was measured."""

    version: int = 2
    """2: with folded batch norms, as is judged."""
    architecture: str
    input_size_px: int
    forward_s: float
    """Seconds an image of the whole backbone."""


def timed(profile: NetworkProfile, timing: NetworkTiming) -> NetworkProfile:
    """A profile that was worked out, with all its times brought to the one that was taken."""
    scale = timing.forward_s / profile.forward_s
    stages = tuple(
        msgspec.structs.replace(
            stage,
            forward_s=scale * stage.forward_s,
            train_forward_s=scale * stage.train_forward_s,
            backward_s=scale * stage.backward_s,
        )
        for stage in profile.stages
    )
    return msgspec.structs.replace(profile, stages=stages, is_timed=True)


def cautious(device: str, device_name: str, *, threads: int) -> MachineProfile:
    """What almost any machine reaches that runs this program, for where nothing was measured."""
    conv, gemm, copy = (40e9 * threads, 50e9 * threads, 6e9) if device == "cpu" else (4e12, 6e12, 200e9)
    return MachineProfile(
        device=device,
        device_name=device_name,
        threads=threads,
        conv_flops={"fp32": conv, "bf16": conv},
        gemm_flops={"fp32": gemm, "bf16": gemm},
        copy_bytes_per_s=copy,
        decode_pixels_per_s=40e6,
        memory_bytes=0,
        measured_at=0.0,
    )
