"""What this machine computes on: chosen once, the same for the whole attempt."""

from dataclasses import dataclass, replace

import torch

from tlstudio.domain.machine import NetworkProfile, Setting
from tlstudio.domain.plan import Plan
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.processor import num_threads, processor_name

log = logger(__name__)

_OLDEST_CUDA = (7, 5)
_CUDA_BATCH = 128


@dataclass(frozen=True, kw_only=True)
class Device:
    """`torch_device` computes; `precision` ("fp32" or "bf16") is that of training steps, what is judged is exact fp32."""

    torch_device: torch.device
    name: str
    threads: int
    precision: str
    frozen_precision: str = ""
    """As `Plan.frozen_precision`."""
    channels_last: bool = True
    feature_batch: int = 32
    """Images at a time where nothing is kept for a backward pass."""
    warning: Message | None = None
    loader_threads: int | None = None

    @property
    def num_readers(self) -> int:
        """Threads that read images ahead; 0 where the loop reads them itself."""
        return self.threads if self.loader_threads is None else self.loader_threads

    @property
    def is_cuda(self) -> bool:
        """Whether it is a graphics card."""
        return self.torch_device.type == "cuda"

    @property
    def usual_setting(self) -> Setting:
        """How a network is run that nobody has measured here."""
        return Setting(batch_size=self.feature_batch)

    @property
    def has_bf16(self) -> bool:
        """Whether half the precision can be tried; Apple's GPUs compute in full precision only."""
        return self.torch_device.type == "cpu" or (self.is_cuda and torch.cuda.is_bf16_supported(including_emulation=False))

    def tuned(self, profile: NetworkProfile, *, trains: bool, wanted: str) -> "Device":
        """Run as was measured to be fastest; `wanted` is the precision a person asked for, or auto."""
        chosen = profile.training if trains else profile.inference
        tuned = replace(self, channels_last=chosen.channels_last, feature_batch=profile.inference.batch_size)
        if not trains or wanted != "auto":
            return tuned
        return replace(tuned, precision=chosen.precision, frozen_precision=profile.frozen_precision or self.frozen_precision)

    def as_before(self, plan: Plan, *, wanted: str) -> "Device":
        """Run as the attempt before did, so that its bits can be met again; another device than that stays as it is."""
        if plan.device != str(self.torch_device):
            return self
        precision = plan.precision if wanted == "auto" else self.precision
        as_planned = replace(self, precision=precision, channels_last=plan.channels_last, feature_batch=plan.feature_batch)
        return replace(as_planned, frozen_precision=plan.frozen_precision)

    def autocast(self, precision: str = "") -> torch.autocast:
        """bf16 where that is the `precision`, else a context that does nothing; that of training steps where none is named."""
        return torch.autocast(self.torch_device.type, dtype=torch.bfloat16, enabled=(precision or self.precision) == "bf16")


def choose(wanted: str, *, precision: str = "auto", threads: int | None = None) -> Device:
    """`wanted` is auto, cpu, mps or cuda:N; the CPU with a warning where the card is not there or too old. auto never takes mps."""
    number = num_threads() if threads is None else threads
    if wanted == "mps":
        return _apple(number, precision)
    if wanted != "cpu":
        card, reason = _cuda(wanted)
        if card is not None:
            kind = "fp32" if precision == "fp32" or not torch.cuda.is_bf16_supported(including_emulation=False) else "bf16"
            return Device(
                torch_device=card, name=torch.cuda.get_device_name(card), threads=number, precision=kind, feature_batch=_CUDA_BATCH
            )
        if wanted != "auto":
            text = "{device} cannot be used ({reason}); the processor is used instead."
            return _processor(number, precision, warning=message("device.no_cuda", text, device=wanted, reason=reason))
    return _processor(number, precision)


def settle(device: Device) -> None:
    """Fix what torch would otherwise choose anew in every process: threads, and on the CPU deterministic algorithms.

    On a card fp32 is fp32: convolutions would be computed with 10 bits of each number (TF32) unless they are told not to be.
    """
    torch.set_num_threads(device.threads)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    if device.is_cuda:
        torch.cuda.set_device(device.torch_device)  # else what belongs to no device takes memory of the first card
    torch.use_deterministic_algorithms(not device.is_cuda, warn_only=True)
    # Only for the few operations on the CPU that look at memory nobody wrote; filling it costs time and changes nothing here.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _processor(threads: int, precision: str, *, warning: Message | None = None) -> Device:
    kind = "bf16" if precision == "bf16" else "fp32"
    name = processor_name()
    return Device(torch_device=torch.device("cpu"), name=name, threads=threads, precision=kind, frozen_precision=kind, warning=warning)


def _apple(threads: int, precision: str) -> Device:
    """The graphics part of an Apple chip, in full precision: nobody has tried it with this program, which is said."""
    if not torch.backends.mps.is_available():
        text = "The Apple GPU cannot be used on this computer; the processor is used instead."
        return _processor(threads, precision, warning=message("device.no_mps", text))
    text = "Training on the Apple GPU is untested. Compare the result with one from the processor before you rely on it."
    warning = message("device.mps_untested", text)
    return Device(torch_device=torch.device("mps"), name="Apple GPU (untested)", threads=threads, precision="fp32", warning=warning)


def _cuda(wanted: str) -> tuple[torch.device | None, str]:
    if not torch.cuda.is_available():
        return None, "no usable graphics card was found"
    index = int(wanted.partition(":")[2] or 0) if wanted.startswith("cuda") else 0
    if index >= torch.cuda.device_count():
        return None, f"there are {torch.cuda.device_count()} cards"
    if torch.cuda.get_device_capability(index) < _OLDEST_CUDA:
        return None, "the card is too old"
    return torch.device("cuda", index), ""
