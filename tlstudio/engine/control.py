"""The thread that reads what the job is told and says that it has read it."""

import os
import threading
from pathlib import Path

import msgspec

from tlstudio.domain.events import Acknowledged
from tlstudio.domain.jobs import Command, Control
from tlstudio.engine.gate import Gate
from tlstudio.engine.journal import JournalWriter
from tlstudio.log import logger

log = logger(__name__)

_POLL_S = 0.03
_control = msgspec.json.Decoder(Control)


class ControlThread:
    """Polls `file` while the job works; each new command is acknowledged in the journal and put on the gate."""

    def __init__(self, file: Path, gate: Gate, journal: JournalWriter) -> None:
        self._file = file
        self._gate = gate
        self._journal = journal
        self._seen: tuple[bytes, int, int] = (b"", 0, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    def start(self) -> None:
        """What is asked already counts before this returns."""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Wait until the thread is gone."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_POLL_S):
            self._look()
            self._look_around()

    def _look(self) -> None:
        try:
            with open(self._file, "rb") as file:
                status = os.fstat(file.fileno())
                seen = (file.read(), status.st_ino, status.st_mtime_ns)
        except OSError:
            return  # not written yet, or being replaced just now
        if seen == self._seen:
            return
        try:
            command = _control.decode(seen[0]).command
        except msgspec.MsgspecError:
            return
        self._seen = seen  # the same word in a new file was said again
        is_news = command is not self._gate.command
        self._gate.command = command
        self._gate.num_told += 1
        if is_news:
            self._acknowledge(command)

    def _look_around(self) -> None:
        courtesy = self._gate.courtesy
        if courtesy is None:
            return
        reason = courtesy()
        if self._gate.courtesy is courtesy:  # it may have been called off meanwhile
            self._gate.waits_for = reason

    def _acknowledge(self, command: Command) -> None:
        """A disk that is full just now must not deafen the job: the command is obeyed all the same."""
        try:
            self._journal.write(Acknowledged(command=command.value))
        except OSError as error:
            log.warning("%s was not acknowledged: %s", command.value, error)
