"""What was measured of this machine and of networks on it: small files in the cache, found again by what they depend on."""

import contextlib
import importlib.metadata
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import TypeVar

import msgspec
from blake3 import blake3

from tlstudio import files
from tlstudio.domain.machine import MachineProfile, NetworkProfile, NetworkTiming
from tlstudio.log import logger

log = logger(__name__)

FOLDER = "profiles"
Conditions = dict[str, str]
"""What a measurement holds for: the device, its threads, the libraries' versions."""
Kept = TypeVar("Kept", MachineProfile, NetworkProfile, NetworkTiming)

_MEASURED_AS = 4
"""The version of network profiles from which networks were measured as they run now."""
_TIMED_AS = 2
"""The same of timings."""
_LIBRARIES = ("torch", "timm", "numpy", "pillow")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured of a network, and with how many threads."""

    profile: NetworkProfile
    threads: int


def conditions(*, device_name: str, threads: int) -> Conditions:
    """Those of this moment; a new version of this program alone measures nothing again."""
    found = {"device": device_name, "threads": str(threads)}
    for name in _LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def load_machine(cache_folder: Path, holds_for: Conditions) -> MachineProfile | None:
    """What the machine probe found, where it still holds."""
    return _load(_file(cache_folder, "machine", holds_for), MachineProfile)


def save_machine(cache_folder: Path, holds_for: Conditions, profile: MachineProfile) -> None:
    """Keep it. Where the disk refuses, it is measured again another time."""
    _save(_file(cache_folder, "machine", holds_for), profile)


def load_network(cache_folder: Path, holds_for: Conditions, *, architecture: str, input_size_px: int) -> NetworkProfile | None:
    """What was measured of a network at this input size, where it still holds."""
    found = _load(_file(cache_folder, f"{architecture}-{input_size_px}", holds_for), NetworkProfile)
    return found if found is not None and found.version >= _MEASURED_AS else None


def nearest_network(
    cache_folder: Path, holds_for: Conditions, *, architecture: str, input_size_px: int, most_threads: int
) -> Measured | None:
    """As `load_network`, else what was measured with the nearest number of threads.

    What is fastest mostly stays so with other threads; the times do not, and are those of that number.
    """
    own = int(holds_for["threads"])
    for number in sorted({own, *range(1, most_threads + 1)}, key=lambda number: (abs(log2(number / own)), number)):
        there = {**holds_for, "threads": str(number)}
        found = load_network(cache_folder, there, architecture=architecture, input_size_px=input_size_px)
        if found is not None:
            return Measured(profile=found, threads=number)
    return None


def save_network(cache_folder: Path, holds_for: Conditions, profile: NetworkProfile) -> None:
    """Keep it. Where the disk refuses, it is measured again another time."""
    _save(_file(cache_folder, f"{profile.architecture}-{profile.input_size_px}", holds_for), profile)


def load_timing(cache_folder: Path, holds_for: Conditions, *, architecture: str, input_size_px: int) -> NetworkTiming | None:
    """How long a network took in passing at this input size, where it still holds; what `load_network` finds says more."""
    found = _load(_file(cache_folder, f"{architecture}-{input_size_px}-timing", holds_for), NetworkTiming)
    return found if found is not None and found.version >= _TIMED_AS else None


def save_timing(cache_folder: Path, holds_for: Conditions, timing: NetworkTiming) -> None:
    """Keep it instead of the one before. Where the disk refuses, it is taken again another time."""
    _save(_file(cache_folder, f"{timing.architecture}-{timing.input_size_px}-timing", holds_for), timing)


def _file(cache_folder: Path, name: str, holds_for: Conditions) -> Path:
    digest = blake3(msgspec.json.encode(holds_for, order="deterministic")).hexdigest()[:16]
    return cache_folder / FOLDER / f"{name}-{digest}.json"


def _load(file: Path, kind: type[Kept]) -> Kept | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        log.info("%s cannot be read and counts as not there: %s", file, error)
        return None


def _save(file: Path, profile: MachineProfile | NetworkProfile | NetworkTiming) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write_json(file, profile)
    except OSError as error:
        log.info("%s cannot be kept: %s", file, error)
