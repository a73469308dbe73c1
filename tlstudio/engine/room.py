"""Waiting for room on a full disk, so that hours of work are not lost to a few gigabytes."""

import errno
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

from tlstudio.domain.events import AnyEvent
from tlstudio.domain.memory import room
from tlstudio.engine.gate import Gate
from tlstudio.messages import Message, message

T = TypeVar("T")

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_SLACK_BYTES = 1 << 20
"""What a file system wants beside the content."""


def written(write: Callable[[], T], *, folder: Path, num_bytes: int, gate: Gate) -> Generator[AnyEvent, None, T]:
    """What `write` returns, which puts about `num_bytes` into `folder`; on a full disk it is paused and tried again once there is room.

    Raises `OSError` for every other reason, and as `Gate.wait_until`.
    """
    while True:
        try:
            return write()
        except OSError as error:
            if error.errno not in FULL:
                raise
        needed = num_bytes + _SLACK_BYTES
        reason = full(folder, num_bytes)
        yield from gate.wait_until(lambda: free_bytes(folder) >= needed, reason=reason, saves=False)  # noqa: B023


def full(folder: Path, num_bytes: int) -> Message:
    """What a person is told where `num_bytes` found no room in `folder`."""
    text = "The disk is full: {needed} are needed to save the training in {folder}. What was saved before is kept."
    return message("job.waits_for_room", text, needed=room(num_bytes + _SLACK_BYTES), folder=str(folder))


def free_bytes(folder: Path) -> int:
    """Room left on the disk that `folder` is on."""
    return shutil.disk_usage(folder).free
