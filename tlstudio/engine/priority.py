"""How much a job lets others go first."""

import contextlib
import os
import sys

import psutil

NICENESS = 10


def lower_priority() -> None:
    """Everything else goes first: processor, and disk where the system knows that. For the life of this process."""
    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            for thread in _threads():
                os.setpriority(os.PRIO_PROCESS, thread, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        process.ionice(psutil.IOPRIO_CLASS_IDLE if sys.platform.startswith("linux") else psutil.IOPRIO_LOW)


def _threads() -> list[int]:
    """Each thread has a priority of its own on Linux, and a job that was kept warm has some already."""
    if sys.platform.startswith("linux"):
        return [int(name) for name in os.listdir("/proc/self/task")]
    return [0]
