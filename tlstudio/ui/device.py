"""The device trainings will use, as the rail and the start page show it."""

import os
from dataclasses import dataclass

from tlstudio.domain.memory import gigabytes
from tlstudio.operations import devices
from tlstudio.ui.words import tr

_WARM_BYTES = 8_000_000_000
"""A computer that is sold with 8 GB shows a little less."""


@dataclass(frozen=True)
class Device:
    """What is shown."""

    name: str
    line: str
    cpu: str
    """The processor in words."""
    gpu: str = ""
    """Name and memory of the graphics card that trainings can use; empty without one."""


def look() -> Device:
    """The graphics card where there is one that can be used, else the processor. Some milliseconds: call it in the background."""
    cores = os.cpu_count() or 1
    cpu = tr("CPU, {n} cores", n=cores) if cores != 1 else tr("CPU, 1 core")
    cards = () if devices.torch_is_for_cpu() else devices.graphics_cards()
    if cards:
        name = cards[0].name.removeprefix("NVIDIA ").removeprefix("GeForce ")
        return Device(name, _memory(cards[0]), cpu, gpu=tr("{name}, {n} GB", name=name, n=gigabytes(cards[0].memory_bytes)))
    return Device(cpu, _memory(devices.cpu()), cpu)


def has_room_for_warm_worker() -> bool:
    """Whether a process may wait loaded with the heavy libraries: 8 GB of memory or more."""
    return devices.cpu().memory_bytes >= _WARM_BYTES


def _memory(device: devices.DeviceInfo) -> str:
    used = device.memory_bytes - device.free_bytes
    return tr("{total} GB · {used} GB used", total=gigabytes(device.memory_bytes), used=gigabytes(used))
