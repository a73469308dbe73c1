"""The processor as the system names it, and how much of it this process may use."""

import contextlib
import os
import platform
import sys
from pathlib import Path

import psutil


def processor_name() -> str:
    """What people call it, where the system says so."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def num_threads() -> int:
    """Physical cores that this process may use."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed))


def job_threads(*, good_neighbour: bool) -> int:
    """Threads that a job in one process computes with; a good neighbour leaves one to other programs."""
    return max(1, num_threads() - 1) if good_neighbour else num_threads()


def num_processors() -> int:
    """What this process may use as the system's own monitor counts it: each thread of a core."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
