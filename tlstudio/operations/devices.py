"""What this computer can compute on, asked of the driver and the system, without loading torch."""

import contextlib
import importlib.metadata

import msgspec
import psutil

from tlstudio.operations import preferences
from tlstudio.processor import processor_name


class DeviceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A processor or a graphics card. `id` is what recipes name: cpu, cuda:0."""

    id: str
    name: str
    memory_bytes: int
    free_bytes: int
    driver: str = ""


def cpu() -> DeviceInfo:
    """The processor and the computer's memory."""
    memory = psutil.virtual_memory()
    return DeviceInfo(id="cpu", name=processor_name(), memory_bytes=memory.total, free_bytes=memory.available)


def graphics_cards() -> tuple[DeviceInfo, ...]:
    """NVIDIA cards the driver knows; empty where there is no driver. Whether torch can use them only a job can say."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        driver = _text(pynvml.nvmlSystemGetDriverVersion())
        return tuple(_card(index, driver) for index in range(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:
        return ()
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def processes_for(device: str, asked: int | None = None) -> int:
    """In how many processes a training on `device` is started: as many as were `asked` for, else as preferred, one for each card."""
    if asked is not None:
        return asked
    preferred = preferences.load().processes
    return 1 if preferred == 1 or device != "auto" else max(1, min(preferred, len(graphics_cards())))


def torch_is_for_cpu() -> bool:
    """Whether the torch that is installed was built without CUDA, as its version says."""
    try:
        return importlib.metadata.version("torch").endswith("+cpu")
    except importlib.metadata.PackageNotFoundError:
        return False


def _card(index: int, driver: str) -> DeviceInfo:
    import pynvml

    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    name = _text(pynvml.nvmlDeviceGetName(handle))
    return DeviceInfo(id=f"cuda:{index}", name=name, memory_bytes=int(memory.total), free_bytes=int(memory.free), driver=driver)


def _text(value: str | bytes) -> str:
    """Older drivers' bindings answer in bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
