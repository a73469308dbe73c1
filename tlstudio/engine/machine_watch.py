"""How busy the machine is with a job, told between its own events.

Nothing is told on its own account: a job that hangs stays silent, and can be taken for hung.
"""

import time
from collections.abc import Iterator

import psutil

from tlstudio.domain.events import AnyEvent, Continued, DeviceLooked, Finished, PlanFixed, Stopped
from tlstudio.engine.card import Card, Look, find
from tlstudio.engine.job import Job
from tlstudio.processor import num_processors

_LOOK_EVERY_S = 2.0


def watched(job: Job, events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
    """`events`, and before one of them every two seconds a look at the machine; none at their end."""
    watch, clock = MachineWatch(), job.clock
    for event in events:
        if isinstance(event, PlanFixed):
            watch.use(event.plan.device)
        elif isinstance(event, Continued):
            watch.begin()  # in a pause nothing is computed, and that is no news
        elif watch.is_due and not isinstance(event, Finished | Stopped):  # an ending says itself until when was worked
            yield watch.look(seconds=clock.seconds)
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
        self._card = _card_of(device) if device.startswith("cuda") else None

    @property
    def is_due(self) -> bool:
        """Whether the last look is long enough ago."""
        return time.monotonic() - self._looked_at >= _LOOK_EVERY_S

    def look(self, *, seconds: float) -> DeviceLooked:
        """How things stand since the last look; `seconds` is the job's working time."""
        elapsed_s = max(1e-9, time.monotonic() - self._looked_at)
        worked_s = time.process_time() - self._worked_s
        self.begin()
        card = self._card.look() if self._card is not None else Look()
        return DeviceLooked(
            seconds=seconds,
            processor=min(1.0, worked_s / elapsed_s / num_processors()),
            memory_bytes=self._memory_bytes(),
            card=card.load,
            card_memory_bytes=card.memory_bytes,
            card_memory_total_bytes=card.memory_total_bytes,
            temperature_c=card.temperature_c,
        )

    def _memory_bytes(self) -> int | None:
        try:
            return int(self._process.memory_info().rss)
        except psutil.Error:
            return None


def _card_of(device: str) -> Card | None:
    """The card behind a torch device such as "cuda:0": by its own number, because CUDA counts the cards it may see and NVML all."""
    import torch

    return find(str(torch.cuda.get_device_properties(device).uuid))
