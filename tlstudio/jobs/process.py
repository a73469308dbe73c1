"""The operating system's side of a job: starting its process, waiting for it, ending one that is hung."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TypedDict, Unpack

import psutil

from tlstudio.domain.jobs import LOG_FILE
from tlstudio.jobs import several
from tlstudio.log import logger

log = logger(__name__)

_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
_GRACE_S = 5.0
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(4 << 30), "MALLOC_TRIM_THRESHOLD_": str(4 << 30), "MALLOC_TOP_PAD_": str(64 << 20)}
"""glibc keeps freed activations instead of giving them back after each layer; MobileNetV2 runs 2.6 times as fast. Others ignore it."""
_going_on: "list[subprocess.Popen[bytes]]" = []
"""Processes that nobody may be looking at any more: kept so that each is collected when it ends."""
_children: list["subprocess.Popen[bytes]"] = []
"""Children that nobody may look at any more: kept until they have ended, so that none stays a zombie."""


class JobProcess:
    """A started job process of ours. It lives on when this object, or this whole program, is gone."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder = folder
        self.pid = process.pid
        self._process = process
        _going_on[:] = [item for item in _going_on if item.poll() is None]
        _going_on.append(process)

    def poll(self) -> int | None:
        """The exit code, or None while it runs; a negative number is the signal that ended it."""
        return self._process.poll()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Wait for its end; None where `timeout_s` went by first."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """Ask it to write a checkpoint and end (SIGTERM); the run can be continued."""
        self._process.terminate()

    def kill(self) -> None:
        """End it at once, with the processes it has started."""
        if self._process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                _kill_all(psutil.Process(self.pid))


def start_job(folder: Path, *, processes: int = 1) -> JobProcess:
    """Start the job in `folder` in a fresh process, or in several that train together; returns at once. Raises `OSError`."""
    with open(folder / LOG_FILE, "ab") as output:
        streams: _Streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        if processes > 1:
            process = _python(several.here(folder, processes), more=several.ENVIRONMENT, **streams)
        else:
            process = spawn(["job", str(folder)], **streams)
    log.info("job %s started as process %d", folder, process.pid)
    return JobProcess(folder, process)


def spawn(arguments: list[str], *, stdin: int, stdout: int | IO[bytes], stderr: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """This program again."""
    return _python(["-m", "tlstudio", *arguments], stdin=stdin, stdout=stdout, stderr=stderr)


class _Streams(TypedDict):
    stdin: int
    stdout: int | IO[bytes]
    stderr: int | IO[bytes]


def _python(arguments: list[str], *, more: Mapping[str, str] | None = None, **streams: Unpack[_Streams]) -> "subprocess.Popen[bytes]":
    """This Python again, in a session of its own, so that neither Ctrl+C nor a closed terminal reaches it.

    `-P` keeps the current folder out of the module path: a file `random.py` lying beside a user's images is never run.
    """
    _children[:] = [child for child in _children if child.poll() is None]
    windows = sys.platform == "win32"
    child = subprocess.Popen(
        [sys.executable, "-P", *arguments],
        **streams,
        close_fds=True,
        env={**ALLOCATOR, **child_environment(), **(more or {})},
        start_new_session=not windows,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if windows else 0,
    )
    _children.append(child)
    return child


def child_environment() -> dict[str, str]:
    """This process's environment, offline, with crashes written to the log, able to import this very package."""
    environment = dict(os.environ)
    environment.update(PYTHONFAULTHANDLER="1", PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8", HF_HUB_OFFLINE="1")
    if _PACKAGE_FOLDER.name != "site-packages":
        known = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = os.pathsep.join(part for part in (known, str(_PACKAGE_FOLDER)) if part)
    return environment


def is_job_of(folder: Path, pid: int) -> bool:
    """Whether process `pid` is alive and runs the job in `folder`: a number alone may belong to somebody else by now."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        command = process.cmdline()
        opened = any(Path(item.path).parent == folder for item in process.open_files())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return "tlstudio" in " ".join(command) and (str(folder) in command or opened)


def kill_pid(folder: Path, pid: int) -> bool:
    """End the job's process at once, checked to be that job's; waits until it is gone. Whether it was there."""
    if not is_job_of(folder, pid):
        return False
    try:
        process = psutil.Process(pid)
        _kill_all(process)
        process.wait(_GRACE_S)
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        pass
    log.info("job %s: process %d was ended", folder, pid)
    return True


def _kill_all(process: psutil.Process) -> None:
    """End a process and all that it has started; itself first, so that it starts no other in their place."""
    children = process.children(recursive=True)
    for item in (process, *children):
        with contextlib.suppress(psutil.NoSuchProcess):
            item.kill()


def wait_until_gone(folder: Path, pid: int, *, timeout_s: float) -> bool:
    """Wait for a job process, ours or not; whether it is gone."""
    end = time.monotonic() + timeout_s
    while is_job_of(folder, pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
