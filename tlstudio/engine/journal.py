"""The writing end of a journal: whole lines, numbered on from the last attempt, durable where it matters."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from tlstudio.domain.events import ENDINGS, AnyEvent, CheckpointSaved
from tlstudio.domain.journal import JournalLine, decode_lines, encode_line, whole_length
from tlstudio.engine.room import FULL

SPARE_FILE = "journal.spare"
_SPARE_BYTES = 1 << 16
_DURABLE = (CheckpointSaved, *ENDINGS)


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
        self._put_by()

    def write(self, event: AnyEvent) -> None:
        """Append one event; checkpoints and endings are on the disk when this returns."""
        with self._guard:
            self._file.write(encode_line(JournalLine(seq=self._next, time=time.time(), event=event)))
            self._next += 1
            self._flush()
            if isinstance(event, _DURABLE):
                os.fsync(self._file.fileno())
                self._put_by()

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
            self._spare.unlink()
            self._file.flush()  # what was not written yet is still waiting

    def _put_by(self) -> None:
        """Keep some room, so that a job on a full disk can still say that it waits and what for."""
        if not self._spare.exists():
            with suppress(OSError):
                self._spare.write_bytes(os.urandom(_SPARE_BYTES))
