"""Has a PyTorch checkpoint opened by a throw-away process (`python -m tlstudio convert`), and lets that take no longer than it should.

The window and the terminal never open such a file themselves. What the process says is read as foreign bytes, and what it wrote is
checked like any safetensors file before it is used.
"""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec
import psutil

from tlstudio import paths
from tlstudio.domain.conversion import Converted, Reading, Refused, Said, Writing
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.jobs.conversion_refusals import died, refusal, stopped, too_slow
from tlstudio.jobs.process import child_environment
from tlstudio.messages import message

START_LIMIT_S = 300.0
"""Until the libraries are loaded: they alone take long on a cold, slow disk."""
FILE_LIMIT_S = 120.0
BYTES_PER_S = 2_000_000
"""How slow a disk may be on top of that."""
_MEMORY_FACTOR = 3
_SPARE_MEMORY_BYTES = 4 << 30
_LOOK_EVERY_S = 0.1
_MAX_LINE_BYTES = 20_000
_MAX_WORD = 200


def convert(
    source: Path, target: Path, *, report: Report = ignore, stop: Stop | None = None, command: Sequence[str] | None = None
) -> Converted:
    """Write the tensors of the checkpoint `source` as safetensors to `target`, which stands there whole or not at all.

    Raises `TLStudioError` where it is refused, damaged, takes too long or is stopped; `OSError` where `target` cannot be written.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    partial.unlink(missing_ok=True)
    try:
        said = _run([*(command or _command()), str(source), str(partial)], source, report=report, stop=stop)
        if isinstance(said, Refused):
            raise refusal(source, said)
        os.replace(partial, target)
        return said
    finally:
        partial.unlink(missing_ok=True)


def _command() -> list[str]:
    return [sys.executable, "-P", "-m", "tlstudio", "convert"]


def _run(command: list[str], source: Path, *, report: Report, stop: Stop | None) -> Converted | Refused:
    """The last word of the process."""
    size = source.stat().st_size
    report(Progress(what=message("weights.convert.start", "Starting PyTorch"), done=0))
    with _log_file() as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            close_fds=True,
            env=child_environment(),
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), name=f"convert-{process.pid}", daemon=True)
    reader.start()
    try:
        return _listen(process, lines, source, size, report=report, stop=stop)
    finally:
        process.kill()  # it has nothing left to do, or is to do nothing more
        process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def _listen(
    process: "subprocess.Popen[bytes]",
    lines: "queue.SimpleQueue[bytes | None]",
    source: Path,
    size: int,
    *,
    report: Report,
    stop: Stop | None,
) -> Converted | Refused:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        if stop is not None and stop.is_set():
            raise stopped(source)
        if time.monotonic() > deadline or _takes_too_much(process, size):
            raise too_slow(source)
        try:
            line = lines.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            continue
        said = _decoded(line)
        if said is None:
            process.kill()
            raise died(source, process.wait())
        if isinstance(said, Converted | Refused):
            return said
        if isinstance(said, Reading):
            deadline = time.monotonic() + FILE_LIMIT_S + size / BYTES_PER_S
            report(Progress(what=message("weights.convert.read", "Reading the checkpoint"), done=0))
        else:
            what = message("weights.convert.write", "Taking out the tensors, MB")
            report(Progress(what=what, done=said.done // 1_000_000, total=said.total // 1_000_000))


def _read(process: "subprocess.Popen[bytes]", lines: "queue.SimpleQueue[bytes | None]") -> None:
    """Its lines, then None: at its end, and where one is longer than any it should say."""
    assert process.stdout is not None
    while (line := process.stdout.readline(_MAX_LINE_BYTES)).endswith(b"\n"):
        lines.put(line)
    lines.put(None)


def _decoded(line: bytes | None) -> Said | None:
    """None for the end and for anything that is not one of its lines."""
    try:
        said: Said | None = None if line is None else msgspec.json.decode(line, type=Converted | Refused | Reading | Writing)
    except msgspec.DecodeError:
        return None
    if isinstance(said, Refused):
        return Refused(reason=said.reason, what=said.what[:_MAX_WORD])
    if isinstance(said, Converted):
        return Converted(entry=said.entry[:_MAX_WORD], num_left_out=said.num_left_out)
    return said


def _takes_too_much(process: "subprocess.Popen[bytes]", size: int) -> bool:
    """A second look from outside, for systems where a process cannot be held to a limit."""
    try:
        return bool(psutil.Process(process.pid).memory_info().rss > _MEMORY_FACTOR * size + _SPARE_MEMORY_BYTES)
    except psutil.Error:
        return False


def _log_file() -> IO[bytes]:
    """Where PyTorch's own words go; nowhere if that cannot be written."""
    try:
        paths.log_dir().mkdir(parents=True, exist_ok=True)
        return open(paths.log_dir() / "convert.log", "wb")
    except OSError:
        return open(os.devnull, "wb")
