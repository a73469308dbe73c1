"""The writing end of a journal: whole lines, numbered on from the last attempt, durable where it matters."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from tlstudio.domain.events import ENDINGS, AnyEvent, CheckpointSaved, DeviceLooked, Progressed, StepTrained, StillWorking
from tlstudio.domain.journal import JournalLine, decode_lines, encode_line, whole_length
from tlstudio.engine.room import FULL, full
from tlstudio.messages import Message

SPARE_FILE = "journal.spare"
_SPARE_BYTES = 1 << 16
_DURABLE = (CheckpointSaved, *ENDINGS)
_CHATTER = (StepTrained, DeviceLooked, Progressed, StillWorking)
"""Can be done without where the little room that is left is needed for a pause or an ending."""


class JournalWriter:
    """Appends events to `file`. Thread-safe: the control thread writes beside the job.

    `history` holds the lines of earlier attempts; a torn tail is cut off when the journal is opened. Raises `OSError`.
    """

    def __init__(self, file: Path) -> None:
        self._guard = threading.Lock()
        self._file = open(file, "a+b")  # noqa: SIM115 (kept open for the life of the job)
        self._file.seek(0)
        data = self._file.read()
        whole = whole_length(data)
        if whole < len(data):
            self._file.truncate(whole)
        self.history: tuple[JournalLine, ...] = tuple(line for line, _offset in decode_lines(data[:whole]))
        # Counted, not taken from the last line: its kind may be one that this version does not know.
        self._next = data[:whole].count(b"\n")
        if self.history:
            self._next = max(self._next, self.history[-1].seq + 1)
        self._spare = file.with_name(SPARE_FILE)
        self._is_short = False
        self._put_by()

    def write(self, event: AnyEvent) -> None:
        """Append one event; checkpoints and endings are on the disk when this returns. On a full disk only what matters is written."""
        with self._guard:
            if self._is_short and isinstance(event, _CHATTER):
                return
            self._file.write(encode_line(JournalLine(seq=self._next, time=time.time(), event=event)))
            self._next += 1
            self._flush()
            if isinstance(event, _DURABLE):
                os.fsync(self._file.fileno())
                self._put_by()

    def shortage(self) -> Message | None:
        """Where what was put by is used up and there is no room to put by again: what to wait for."""
        if not self._is_short:
            return None
        with self._guard:
            self._put_by()
        return full(self._spare.parent, _SPARE_BYTES) if self._is_short else None

    def close(self) -> None:
        """Nothing can be written afterwards."""
        with self._guard:
            self._spare.unlink(missing_ok=True)
            self._file.close()

    def _flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            if error.errno not in FULL or not self._spare.exists():
                raise
            self._is_short = True
            self._spare.unlink()
            self._file.flush()  # what was not written yet is still waiting

    def _put_by(self) -> None:
        """Keep some room, so that a job on a full disk can still say that it waits and what for."""
        if self._spare.exists():
            return
        try:
            self._spare.write_bytes(os.urandom(_SPARE_BYTES))
            self._is_short = False
        except OSError:
            with suppress(OSError):
                self._spare.unlink(missing_ok=True)  # half of it takes room and is not enough
