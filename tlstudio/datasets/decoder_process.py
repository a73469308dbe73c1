"""One decoder process as its parent sees it: a pipe in, a pipe out, the files it has in hand."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tlstudio import paths
from tlstudio.datasets import wire
from tlstudio.datasets.inspection import Inspected, Order

COMMAND = (sys.executable, "-P", "-m", "tlstudio", "decoder")
_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_MAX_LOG_BYTES = 1_000_000
_CLOSE_S = 3.0


@dataclass(frozen=True, kw_only=True)
class _FromProcess:
    process: "DecoderProcess"
    at: float
    """`time.monotonic()` when it arrived."""


class Started(_FromProcess):
    """It has read the rule and waits for files."""


@dataclass(frozen=True, kw_only=True)
class Answered(_FromProcess):
    """The file it had longest in hand is done."""

    inspected: Inspected


class Died(_FromProcess):
    """Its end of the pipe closed."""


News = Started | Answered | Died


class DecoderProcess:
    """Starts at once; what it says arrives in `news` from a thread of its own."""

    def __init__(self, order: Order, news: "queue.SimpleQueue[News]", *, command: Sequence[str] | None = None) -> None:
        self.in_hand: deque[tuple[int, Path]] = deque()
        self.head_since = time.monotonic()
        self.started_at: float | None = None
        self._news = news
        with _log_file() as log:
            self._process = subprocess.Popen(
                list(command or COMMAND),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                env=_environment(),
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        self._reader = threading.Thread(target=self._read, name=f"decoder-{self.pid}", daemon=True)
        self._reader.start()
        self._write(wire.encode(order))

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, index: int, path: Path) -> bool:
        """Hand it one more file; False where it is dead already."""
        if not self.in_hand and self.started_at is not None:
            self.head_since = time.monotonic()
        if not self._write(wire.encode(path)):
            return False
        self.in_hand.append((index, path))
        return True

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> str:
        """Let it end (or end it), leave nothing behind; returns how it ended, in words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            code = self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        return how_it_ended(code)

    def _write(self, data: bytes) -> bool:
        assert self._process.stdin is not None
        try:
            wire.write_frame(self._process.stdin.fileno(), data)
        except OSError:
            return False
        return True

    def _read(self) -> None:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        try:
            if wire.read_frame(descriptor) is not None:
                self._news.put(Started(process=self, at=time.monotonic()))
                while (data := wire.read_frame(descriptor)) is not None:
                    self._news.put(Answered(process=self, at=time.monotonic(), inspected=wire.decode(data, Inspected)))
        except (OSError, ValueError):
            # A torn or foreign frame: the process is of no more use, and its death is told below.
            self._process.kill()
        self._news.put(Died(process=self, at=time.monotonic()))


def _environment() -> dict[str, str]:
    """One thread a process, and able to import this very package from a checkout."""
    known = os.environ.get("PYTHONPATH")
    places = [str(_PACKAGE_FOLDER), *([known] if known else [])]
    return {**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(places)}


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code == -getattr(signal, "SIGKILL", 9):
        return "killed, perhaps for lack of memory"
    if code in (-signal.SIGSEGV, -getattr(signal, "SIGBUS", 7), 0xC0000005, -0x3FFFFFFB):
        return "memory fault"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _log_file() -> IO[bytes]:
    """Where warnings of the decoding libraries go; nowhere if that cannot be written."""
    path = paths.log_dir() / "decoder.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_full = path.exists() and path.stat().st_size > _MAX_LOG_BYTES
        return open(path, "wb" if is_full else "ab")
    except OSError:
        return open(os.devnull, "wb")
