"""Ctrl+C as a request: work that can be stopped ends where it leaves nothing half done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stop_on_ctrl_c() -> Iterator[threading.Event]:
    """Set by Ctrl+C, which does nothing else meanwhile."""
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
