"""Inside the decoder process: read a path, decode, answer, until the pipe closes."""

import faulthandler
import os
import signal
import sys
from pathlib import Path

from tlstudio.datasets import wire
from tlstudio.datasets.inspection import Order, inspect_file

MEMORY_LIMIT_BYTES = 4 * 2**30


def main() -> int:
    """Serve until the parent closes its end or is gone. Returns the exit code."""
    requests, answers = take_private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the parent
    faulthandler.enable()
    _limit_memory()
    try:
        _serve(requests, answers)
    except (BrokenPipeError, ConnectionResetError):
        return 0  # the parent is gone
    return 0


def _serve(requests: int, answers: int) -> None:
    first = wire.read_frame(requests)
    if first is None:
        return
    order = wire.decode(first, Order)
    wire.write_frame(answers, b"")
    while (data := wire.read_frame(requests)) is not None:
        inspected = inspect_file(wire.decode(data, Path), order)
        wire.write_frame(answers, wire.encode(inspected))


def take_private_pipes() -> tuple[int, int]:
    """Keep stdin and stdout for the frames alone: whatever else reads gets nothing, whatever prints goes to the log."""
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(requests, os.O_BINARY)
        msvcrt.setmode(answers, os.O_BINARY)
    return requests, answers


def _limit_memory() -> None:
    """A file that asks for the whole machine gets a MemoryError instead; no core files either."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT_BYTES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):
        return  # macOS knows the name but not the limit


if __name__ == "__main__":
    sys.exit(main())
