"""What this machine computes on: chosen once, the same for the whole attempt."""

from dataclasses import dataclass

import torch

from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.processor import num_threads, processor_name

log = logger(__name__)

_OLDEST_CUDA = (7, 5)


@dataclass(frozen=True, kw_only=True)
class Device:
    """`torch_device` computes; `precision` ("fp32" or "bf16") is that of fine-tuning, everything else is exact fp32."""

    torch_device: torch.device
    name: str
    threads: int
    precision: str
    warning: Message | None = None

    @property
    def is_cuda(self) -> bool:
        """Whether it is a graphics card."""
        return self.torch_device.type == "cuda"

    @property
    def feature_batch(self) -> int:
        """Images at a time where nothing is kept for a backward pass."""
        return 128 if self.is_cuda else 32

    def autocast(self) -> torch.autocast:
        """bf16 where that was chosen, else a context that does nothing."""
        return torch.autocast(self.torch_device.type, dtype=torch.bfloat16, enabled=self.precision == "bf16")


def choose(wanted: str, *, precision: str = "auto", threads: int | None = None) -> Device:
    """`wanted` is auto, cpu or cuda:N; the CPU with a warning where the card is not there or too old."""
    number = num_threads() if threads is None else threads
    if wanted != "cpu":
        card, reason = _cuda(wanted)
        if card is not None:
            kind = "fp32" if precision == "fp32" or not torch.cuda.is_bf16_supported(including_emulation=False) else "bf16"
            return Device(torch_device=card, name=torch.cuda.get_device_name(card), threads=number, precision=kind)
        if wanted != "auto":
            text = "{device} cannot be used ({reason}); the processor is used instead."
            warning = message("device.no_cuda", text, device=wanted, reason=reason)
            return Device(torch_device=torch.device("cpu"), name=processor_name(), threads=number, precision="fp32", warning=warning)
    return Device(
        torch_device=torch.device("cpu"), name=processor_name(), threads=number, precision="bf16" if precision == "bf16" else "fp32"
    )


def settle(device: Device) -> None:
    """Fix what torch would otherwise choose anew in every process: threads, and on the CPU deterministic algorithms."""
    torch.set_num_threads(device.threads)
    torch.use_deterministic_algorithms(not device.is_cuda, warn_only=True)
    # Only for the few operations on the CPU that look at memory nobody wrote; filling it costs time and changes nothing here.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _cuda(wanted: str) -> tuple[torch.device | None, str]:
    if not torch.cuda.is_available():
        return None, "no usable graphics card was found"
    index = int(wanted.partition(":")[2] or 0) if wanted.startswith("cuda") else 0
    if index >= torch.cuda.device_count():
        return None, f"there are {torch.cuda.device_count()} cards"
    if torch.cuda.get_device_capability(index) < _OLDEST_CUDA:
        return None, "the card is too old"
    return torch.device("cuda", index), ""
