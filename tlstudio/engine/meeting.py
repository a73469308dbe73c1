"""How the processes of a training find each other, and what it looks like when one is gone."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import torch
import torch.distributed as dist
from blake3 import blake3

from tlstudio import __version__
from tlstudio.engine.crew import CrewLostError, CrewSilentError, Place
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

_PATIENCE = timedelta(days=30)
"""How long a process waits for the word of rank 0, which may be paused. One that dies is noticed at once, by its closed connection."""
SILENCE_LIMIT_S = 180.0
"""Of a job that loads its libraries."""
_SHARE_OF_LIMIT = 0.75
_ROUNDED_S = 0.05
"""torch counts whole milliseconds, and gives up a little early."""


def meet(place: Place) -> None:
    """Meet the other processes: over loopback where all are on this machine.

    Raises `CrewLostError`, and `TLStudioError` in all of them where they are not of one version.
    """
    with reaching_the_others():
        if place.is_one_machine:
            for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
                os.environ[name] = _loopback()
            store = dist.FileStore(str(meeting_folder(place) / "store"), place.size)  # type: ignore[attr-defined]
            _wait_for_all(store, place)
            dist.init_process_group("gloo", store=store, rank=place.rank, world_size=place.size, timeout=_PATIENCE)
        else:
            dist.init_process_group("gloo", timeout=_PATIENCE)  # at MASTER_ADDR, which the launcher was told
        number = int.from_bytes(blake3(__version__.encode()).digest(7))
        dist.all_reduce(most_and_least := torch.tensor([number, -number]), dist.ReduceOp.MAX)
    if int(most_and_least.sum()):
        raise TLStudioError(
            message(
                "crew.other_version",
                "The machines of this training run different versions of TL Studio; here it is {version}.",
                version=__version__,
            ),
            message("crew.other_version.hint", "Install the same version on all of them and start it again. What was trained is kept."),
        )


def _wait_for_all(store: dist.Store, place: Place) -> None:  # type: ignore[name-defined]
    """Rank 0 does not wait for ever for one that hangs before it is here. Raises `CrewSilentError`."""
    store.set(f"here {place.rank}", "")
    if place.rank:
        return
    began, wait_s = time.monotonic(), patience_s(SILENCE_LIMIT_S)
    try:
        store.wait([f"here {rank}" for rank in range(place.size)], timedelta(seconds=wait_s))
    except RuntimeError as error:
        if time.monotonic() - began < wait_s - _ROUNDED_S:
            raise
        raise CrewSilentError(wait_s) from error


def patience_s(silence_limit_s: float) -> float:
    """How long rank 0 waits for another one, less than the job may be silent: then the launcher starts all again, before somebody
    who watches takes the job itself for hung.
    """
    return _SHARE_OF_LIMIT * silence_limit_s


@contextmanager
def reaching_the_others() -> Iterator[None]:
    """Whatever torch says of a connection that broke is one thing here."""
    try:
        yield
    except RuntimeError as error:
        raise CrewLostError(str(error)) from error


def meeting_folder(place: Place) -> Path:
    """Private to this user, on this machine; the file in it is how the processes find each other's ports."""
    folder = Path(tempfile.gettempdir()) / f"tlstudio-{place.meeting}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    return folder


def forget(place: Place) -> None:
    """Take that folder away, where there is one."""
    if place.is_one_machine:
        shutil.rmtree(meeting_folder(place), ignore_errors=True)


def _loopback() -> str:
    """The interface that nothing but this machine can reach."""
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == "127.0.0.1" for address in addresses):
            return str(name)
    raise CrewLostError("this machine has no loopback interface for its processes to speak over")
