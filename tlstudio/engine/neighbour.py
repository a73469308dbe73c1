"""Good neighbour: a job that leaves the computer to whoever sits at it or computes beside it.

It takes no more than a share of the memory and waits while another program computes on its graphics card. Its priority is in
`priority`; one thread fewer is decided where the job is ordered, because it is part of the plan.
"""

import contextlib
import sys
import time
from collections.abc import Callable
from math import ceil

import psutil

from tlstudio.engine.card import Card, find
from tlstudio.engine.device import Device
from tlstudio.messages import Message, message

MEMORY_SHARE = 0.5
"""Of the machine's memory, or of the card's. What does not fit is halved like any batch that is too large."""
_BUSY = 0.10
"""A program that takes more than this share of the card's time needs it; a desktop that is drawn takes less."""
_LOOK_EVERY_S = 2.0
_QUIET_LOOKS = 3
"""Pauses between two batches of the other program are not its end."""


def limit_memory(device: Device, *, num_processes: int = 1) -> None:
    """Let allocations beyond the share fail, which halves the micro-batch. Main memory can be limited so on Linux only.

    `num_processes` of this machine train together and divide the share; of cards each has its own where there are enough.
    """
    if device.torch_device.type == "cuda":
        import torch

        on_a_card = ceil(num_processes / torch.cuda.device_count())
        torch.cuda.set_per_process_memory_fraction(MEMORY_SHARE / on_a_card, device.torch_device)
    elif sys.platform.startswith("linux"):
        import resource

        limit = int(MEMORY_SHARE * psutil.virtual_memory().total / num_processes)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def courtesy_on(device: Device) -> Callable[[], Message | None] | None:
    """What says whether the card is needed by others; None where the job computes on none, or nobody can tell."""
    if device.torch_device.type != "cuda":
        return None
    import torch

    card = find(str(getattr(torch.cuda.get_device_properties(device.torch_device), "uuid", "")) or None)
    return Courtesy(card) if card is not None else None


class Courtesy:
    """Asked often, looks now and then: why the card is to be left alone, or None."""

    def __init__(self, card: Card, *, name_of: Callable[[int], str | None] | None = None) -> None:
        self._card = card
        self._name_of = name_of or _foreign_name
        self._looked_at = -_LOOK_EVERY_S
        self._num_quiet = _QUIET_LOOKS
        self._reason: Message | None = None

    def __call__(self) -> Message | None:
        if time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            self._look()
        return self._reason

    def _look(self) -> None:
        busy = [item.pid for item in self._card.neighbours() or () if item.load is not None and item.load >= _BUSY]
        names = [name for pid in busy if (name := self._name_of(pid)) is not None]
        if names:
            self._num_quiet = 0
            text = "{program} needs the graphics card; as a good neighbour this run waits."
            self._reason = message("job.waits_for_card", text, program=names[0])
        else:
            self._num_quiet += 1
            if self._num_quiet >= _QUIET_LOOKS:
                self._reason = None


def _foreign_name(pid: int) -> str | None:
    """What a process is called; None for one of this program: two runs on a card that both give way would wait for ever."""
    try:
        process = psutil.Process(pid)
        name = str(process.name())
    except psutil.Error:
        return "Another program"
    with contextlib.suppress(psutil.Error):
        if "tlstudio" in " ".join(process.cmdline()):
            return None
    return name
