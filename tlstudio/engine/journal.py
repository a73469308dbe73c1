"""The writing end of a journal: whole lines, numbered on from the last attempt, durable where it matters."""

import os
import threading
import time
from pathlib import Path

from tlstudio.domain.events import ENDINGS, AnyEvent, CheckpointSaved
from tlstudio.domain.journal import JournalLine, decode_lines, encode_line, whole_length

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

    def write(self, event: AnyEvent) -> None:
        """Append one event; checkpoints and endings are on the disk when this returns."""
        with self._guard:
            self._file.write(encode_line(JournalLine(seq=self._next, time=time.time(), event=event)))
            self._next += 1
            self._file.flush()
            if isinstance(event, _DURABLE):
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Nothing can be written afterwards."""
        with self._guard:
            self._file.close()
