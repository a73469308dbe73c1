"""What the driver of an NVIDIA card says of it: load, memory, temperature, and which other programs compute on it.

The one door to NVML. It is opened when first asked and then kept; where there is no card, no driver or no library, or
where the driver does not tell, the answer is None. Nothing here raises and nothing here touches CUDA.
"""

import functools
import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tlstudio.log import logger

log = logger(__name__)

_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """One card at one moment."""

    load: float | None = None
    """Share of the time in which it computed, 0..1."""
    memory_bytes: int | None = None
    """In use, by everybody."""
    memory_total_bytes: int | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another process that computes on the card."""

    pid: int
    load: float | None
    """Its share of the card's time lately, 0..1; None where the driver does not tell."""


class Card:
    """One card of this machine, as NVML knows it."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml = nvml
        self._handle = handle
        self._seen_at = 0

    def look(self) -> Look:
        """How busy, full and hot it is now; each None where the driver does not tell."""
        load, memory = self._ask("DeviceGetUtilizationRates"), self._ask("DeviceGetMemoryInfo")
        return Look(
            load=load.gpu / _PERCENT if load is not None else None,
            memory_bytes=memory.used if memory is not None else None,
            memory_total_bytes=memory.total if memory is not None else None,
            temperature_c=self._ask("DeviceGetTemperature", self._nvml.NVML_TEMPERATURE_GPU),
        )

    def neighbours(self, *, ours: Collection[int] = ()) -> tuple[Neighbour, ...] | None:
        """Who else computes on it; `ours` are process ids beside this process's that do not count.

        None where the driver does not tell, and where this process is not on its list although it computes there: in a
        container the driver's numbers are those outside, and a job would take itself for somebody else.
        """
        running = self._ask("DeviceGetComputeRunningProcesses")
        own = {os.getpid(), *ours}
        if running is None or not any(process.pid in own for process in running):
            return None
        loads = self._loads()
        return tuple(
            Neighbour(pid=process.pid, load=loads.get(process.pid, 0.0) if loads is not None else None)
            for process in running
            if process.pid not in own
        )

    def _loads(self) -> dict[int, float] | None:
        """Share by process id since this was asked before; who did nothing is not in it."""
        try:
            samples = self._nvml.nvmlDeviceGetProcessUtilization(self._handle, self._seen_at)
        except self._nvml.NVMLError as error:
            return {} if error.value == self._nvml.NVML_ERROR_NOT_FOUND else None
        self._seen_at = max((sample.timeStamp for sample in samples), default=self._seen_at)
        loads: dict[int, float] = {}
        for sample in samples:
            loads[sample.pid] = max(loads.get(sample.pid, 0.0), sample.smUtil / _PERCENT)
        return loads

    def _ask(self, function: str, *arguments: Any) -> Any:
        try:
            return getattr(self._nvml, f"nvml{function}")(self._handle, *arguments)
        except self._nvml.NVMLError:
            return None


def find(uuid: str | None = None) -> Card | None:
    """The card of this `uuid`, as torch tells it, or the machine's first; None where there is none."""
    nvml = _library()
    if nvml is None:
        return None
    try:
        if uuid is None:
            return Card(nvml, nvml.nvmlDeviceGetHandleByIndex(0))
        return Card(nvml, nvml.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"))
    except nvml.NVMLError as error:
        log.info("the card %s cannot be looked at: %s", uuid, error)
        return None


@functools.cache
def _library() -> Any:
    """NVML, opened; None where there is no driver."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        log.info("no NVIDIA driver: %s", error)
        return None
    return pynvml
