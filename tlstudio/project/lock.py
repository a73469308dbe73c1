"""One writer: the lock on a project, and who holds it."""

import getpass
import os
import platform
import time
from pathlib import Path
from typing import Literal

import msgspec

from tlstudio import files
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.project import layout

log = logger(__name__)

_PATIENCE_S = 0.1
"""Somebody may only be looking whether it is held."""

HolderKind = Literal["window", "command"]


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a project open for writing; stands beside the lock so that others can name it."""

    host: str
    user: str
    pid: int
    kind: HolderKind
    since: float
    """Seconds since the epoch."""

    def words(self) -> Message:
        """Why somebody else may only read."""
        template = _WINDOW if self.kind == "window" else _COMMAND
        return message(template.id, template.template, user=self.user, host=self.host, pid=self.pid)


_WINDOW = message("lock.window", "It is open in a window of {user} on {host} (process {pid}), which alone may change it.")
_COMMAND = message("lock.command", "A command of {user} on {host} (process {pid}) is at work on it and alone may change it.")
_UNKNOWN = message("lock.unknown", "Another program has it open and alone may change it.")


class ProjectLock:
    """The operating system's lock on `project.lock`: it goes with the process that holds it, however that died."""

    def __init__(self, folder: Path) -> None:
        self._lock = files.FileLock(folder / layout.LOCK)
        self._holder_file = folder / layout.HOLDER
        self._taken = False

    def take(self, kind: HolderKind) -> bool:
        """Take it; False where somebody else has it. Raises `OSError` where the folder cannot be written."""
        if not self._lock.acquire(wait_s=_PATIENCE_S):
            return False
        self._taken = True
        try:
            files.write_json(self._holder_file, _me(kind))
        except OSError:
            self.release()
            raise
        return True

    def release(self) -> None:
        """Give it back; safe to call twice."""
        if not self._taken:
            return
        self._taken = False
        try:
            self._holder_file.unlink(missing_ok=True)
        except OSError:
            log.info("could not remove %s; the lock itself is given back", self._holder_file)
        self._lock.release()

    def held_by(self) -> Message:
        """Who holds it now, for people."""
        try:
            return msgspec.json.decode(self._holder_file.read_bytes(), type=Holder).words()
        except (OSError, msgspec.DecodeError):
            return _UNKNOWN


def _me(kind: HolderKind) -> Holder:
    return Holder(host=platform.node() or "this computer", user=_user(), pid=os.getpid(), kind=kind, since=time.time())


def _user() -> str:
    """The user's name; a container may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
