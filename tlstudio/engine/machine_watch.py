"""How busy the machine is with a job, told between its own events.

Nothing is told on its own account: a job that hangs stays silent, and can be taken for hung.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from tlstudio.domain.events import AnyEvent, Continued, DeviceLooked, PlanFixed
from tlstudio.engine.job import Job, worked_s
from tlstudio.log import logger
from tlstudio.processor import num_processors

log = logger(__name__)

_LOOK_EVERY_S = 2.0


def watched(job: Job, events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
    """`events`, and before one of them every two seconds a look at the machine; never after the last."""
    watch = MachineWatch()
    before_s, since = worked_s(job.history), time.monotonic() - job.gate.paused_s
    for event in events:
        if isinstance(event, PlanFixed):
            watch.use(event.plan.device)
        elif isinstance(event, Continued):
            watch.begin()  # in a pause nothing is computed, and that is no news
        elif watch.is_due:
            yield watch.look(seconds=before_s + time.monotonic() - job.gate.paused_s - since)
        yield event


class MachineWatch:
    """Looks at this process and at the graphics card it computes on."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._card: Card | None = None
        self.begin()

    def begin(self) -> None:
        """What is told next is counted from now on."""
        self._looked_at, self._worked_s = time.monotonic(), time.process_time()

    def use(self, device: str) -> None:
        """The job computes on this torch device; of a graphics card more can be told."""
        self._card = open_card(device) if device.startswith("cuda") else None

    @property
    def is_due(self) -> bool:
        """Whether the last look is long enough ago."""
        return time.monotonic() - self._looked_at >= _LOOK_EVERY_S

    def look(self, *, seconds: float) -> DeviceLooked:
        """How things stand since the last look; `seconds` is the job's working time."""
        elapsed_s = max(1e-9, time.monotonic() - self._looked_at)
        worked_s = time.process_time() - self._worked_s
        self.begin()
        card = self._card.look() if self._card is not None else {}
        return DeviceLooked(
            seconds=seconds, processor=min(1.0, worked_s / elapsed_s / num_processors()), memory_bytes=self._memory_bytes(), **card
        )

    def _memory_bytes(self) -> int | None:
        try:
            return int(self._process.memory_info().rss)
        except psutil.Error:
            return None


class Card:
    """One graphics card, by NVML's handle of it."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml = nvml
        self._handle = handle

    def look(self) -> dict[str, Any]:
        """Fields of `DeviceLooked`; what this card does not tell is left out."""
        nvml, handle = self._nvml, self._handle
        found: dict[str, Any] = {}
        memory = self._ask(nvml.nvmlDeviceGetMemoryInfo, handle)
        if memory is not None:
            found |= {"card_memory_bytes": int(memory.used), "card_memory_total_bytes": int(memory.total)}
        rates = self._ask(nvml.nvmlDeviceGetUtilizationRates, handle)
        if rates is not None:
            found["card"] = rates.gpu / 100
        temperature = self._ask(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU)
        if temperature is not None:
            found["temperature_c"] = float(temperature)
        return found

    def _ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return question(*arguments)
        except self._nvml.NVMLError:
            return None


def open_card(device: str) -> Card | None:
    """The card behind a torch device such as "cuda:0"; None where the driver tells nothing of it.

    By its own number, because CUDA counts the cards it may see and NVML all there are.
    """
    import pynvml
    import torch

    try:
        uuid = str(torch.cuda.get_device_properties(device).uuid)
        pynvml.nvmlInit()
        return Card(pynvml, pynvml.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"))
    except (AttributeError, RuntimeError, pynvml.NVMLError) as error:
        log.info("nothing can be told of the card: %s", error)
        return None
