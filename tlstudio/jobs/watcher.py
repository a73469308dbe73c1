"""Watching a job through its journal: the state is a fold over its lines, whoever started the job and wherever it runs."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tlstudio.domain.jobs import ENVIRONMENT_FILE, JOURNAL_FILE, LOCK_FILE, QUEUED_FILE
from tlstudio.domain.journal import decode_line
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.files import FileLock
from tlstudio.jobs import process as processes
from tlstudio.jobs.process import JobProcess
from tlstudio.log import logger

log = logger(__name__)

START_GRACE_S = 30.0
"""A job may take this long from its start to its first word before it is said to have been interrupted."""
_PROBE_EVERY_S = 0.5
_LONGEST_GAP_S = 2.0


class Watcher:
    """Follows one job folder. Not thread-safe; any number of watchers may follow the same folder.

    `process` is given where this program started the job itself: then its end is known at once.
    """

    def __init__(self, folder: Path, *, process: JobProcess | None = None) -> None:
        self.folder = folder
        self.silent_s = 0.0
        """How long the job has said nothing, as far as this watcher has looked; a suspended computer does not count."""
        self._process = process
        self._journal = folder / JOURNAL_FILE
        self._lock = FileLock(folder / LOCK_FILE)
        self._offset = 0
        self._folded = RunState()
        self._shown = self._folded
        self._polled_at = time.monotonic()
        self._unreadable_since: float | None = None
        self._probed_at: float | None = None

    def poll(self) -> RunState:
        """The state now. Reads only what the journal has grown by; the same object again where nothing changed."""
        now = time.monotonic()
        silent_s, self._polled_at = self.silent_s + min(now - self._polled_at, _LONGEST_GAP_S), now
        has_news = self._read()
        if not has_news and self._unreadable_since is None:
            self.silent_s = silent_s  # what could not be heard is no silence of the job's
        if has_news and self._probed_at is not None:
            self._probed_at = now
            self._shown = self._folded
        elif not self._folded.status.is_over and self._is_probe_due(now):
            self._probed_at = now
            self._show(self._derive())
        elif self._folded.status.is_over:
            self._shown = self._folded
        return self._shown

    @property
    def process(self) -> JobProcess | None:
        """The job's process where this program started it."""
        return self._process

    def attach(self, process: JobProcess) -> None:
        """Tell the watcher of a process started since, such as after a resume."""
        self._process = process
        self._probed_at = None

    def _is_probe_due(self, now: float) -> bool:
        return self._probed_at is None or now - self._probed_at >= _PROBE_EVERY_S

    def _show(self, status: Status) -> None:
        if self._shown.status is not status or self._shown.last_at != self._folded.last_at:
            same = self._folded.status is status
            self._shown = self._folded if same else msgspec.structs.replace(self._folded, status=status)

    def _read(self) -> bool:
        """Fold the whole lines that are new; a torn last line is looked at again next time. Whether there were any."""
        data = self._new_bytes()
        start = self._offset
        for raw in data.split(b"\n")[:-1]:
            try:
                line = decode_line(raw)
            except ValueError:
                break
            self._offset += len(raw) + 1
            if line is not None:
                self._folded = apply(self._folded, line.event, time=line.time)
        if self._offset > start:
            self.silent_s = 0.0
        return self._offset > start

    def _new_bytes(self) -> bytes:
        """What the journal has grown by; nothing while it is not there, or while its disk does not give it."""
        try:
            with open(self._journal, "rb") as file:
                if file.seek(0, 2) < self._offset:
                    log.warning("%s became shorter than what was read; reading it again", self._journal)
                    self._offset, self._folded = 0, RunState()
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            data = b""
        except OSError as error:
            if self._unreadable_since is None:
                log.warning("%s cannot be read just now: %s", self._journal, error)
                self._unreadable_since = time.monotonic()
            return b""
        self._unreadable_since = None
        return data

    def _derive(self) -> Status:
        """What a job without an ending is: on its way, or interrupted because nobody holds its lock."""
        if (self.folder / QUEUED_FILE).exists():
            return Status.QUEUED
        if self._process is not None:
            if self._process.poll() is None:
                return Status.WAITING if self._is_starting() else self._folded.status
        elif self._is_starting():
            return Status.WAITING
        if self._is_locked() or self._is_launched():
            return self._folded.status
        # It may have written its ending between the last look and the end of its lock.
        return self._folded.status if self._read() or self._is_unreadable_lately() else Status.INTERRUPTED

    def _is_unreadable_lately(self) -> bool:
        """Whether an ending may stand where it cannot be read for the moment."""
        return self._unreadable_since is not None and time.monotonic() - self._unreadable_since < START_GRACE_S

    def _is_locked(self) -> bool:
        try:
            return self._lock.is_held_elsewhere()
        except OSError:
            # On a medium that only its owner may write, the lock cannot be tried: believe a journal that spoke lately.
            return self._folded.last_at is not None and time.time() - self._folded.last_at < self._folded.silence_limit_s

    def _is_launched(self) -> bool:
        """Whether the process that stands for the job lives: of several that train together it starts all again where one died."""
        return self._folded.pid is not None and processes.is_job_of(self.folder, self._folded.pid)

    def _is_starting(self) -> bool:
        """Whether its files were written a moment ago and it has said nothing since.

        Looked at before the lock is, because trying a lock takes it for an instant, in which the job could not.
        """
        try:
            ordered_at = (self.folder / ENVIRONMENT_FILE).stat().st_mtime
        except OSError:
            return False
        try:
            spoke_at = self._journal.stat().st_mtime
        except OSError:
            spoke_at = 0.0
        return spoke_at <= ordered_at and abs(time.time() - ordered_at) < START_GRACE_S


def read_state(folder: Path) -> RunState:
    """The state of a job at this moment, read once."""
    return Watcher(folder).poll()


def follow(folder: Path, *, process: JobProcess | None = None, poll_s: float = 0.1) -> Iterator[RunState]:
    """Each new state of a job until it is over; the last one is its ending. A hung job is ended."""
    watcher = Watcher(folder, process=process)
    last: RunState | None = None
    while True:
        state = watcher.poll()
        if state is not last:
            last = state
            yield state
        if state.status.is_over:
            return
        kill_if_silent(watcher, state)
        time.sleep(poll_s)


def kill_if_silent(watcher: Watcher, state: RunState | None = None) -> bool:
    """End a job that has said nothing for longer than the limit of the phase it declared; whether it was ended.

    `state` is what was polled just now, where it was.
    A paused job is silent by right. What is on disk stays: the run shows as interrupted and can be continued.
    """
    state = state or watcher.poll()
    if state.status not in (Status.RUNNING, Status.WAITING) or watcher.silent_s <= state.silence_limit_s:
        return False
    log.warning("job %s said nothing for %.0f s in phase %r", watcher.folder, watcher.silent_s, state.phase)
    if watcher.process is not None:
        watcher.process.kill()
        return True
    return state.pid is not None and processes.kill_pid(watcher.folder, state.pid)
