"""Watching jobs: one QThread worker a job starts it, polls its journal and hands on the newest state, a few times a second."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot
from shiboken6 import isValid

from tlstudio.domain.run_state import RunState
from tlstudio.errors import TLStudioError
from tlstudio.jobs.process import JobProcess
from tlstudio.jobs.watcher import Watcher, kill_if_silent
from tlstudio.log import logger
from tlstudio.messages import Message
from tlstudio.ui.background import as_bug, is_alive

log = logger(__name__)

_POLL_S, _NEWS_EVERY_S = 1 / 30, 0.1
_LONG_POLL_S, _LONG_NEWS_EVERY_S = 0.1, 1.0
"""Of a fine-tuning: it takes minutes on all cores, and what the window does with each of its states is time that it has not."""
_CLOSE_WAIT_MS = 5_000


class Started(Protocol):
    """What the operations that start a job give back."""

    @property
    def number(self) -> int: ...
    @property
    def folder(self) -> Path: ...
    @property
    def process(self) -> JobProcess | None: ...
    @property
    def notes(self) -> tuple[Message, ...]: ...


OnState = Callable[[RunState], object]
OnStarted = Callable[[Started], object]
OnFailed = Callable[[TLStudioError], object]


class _Watch(QThread):
    """The worker of one job. States are coalesced: the UI thread always takes the newest, however late it comes."""

    began = Signal(object, object)
    refused = Signal(object, object)
    news = Signal(object)
    over = Signal(object)

    def __init__(self, start: Callable[[], Started], parent: QObject) -> None:
        super().__init__(parent)
        self.on_started: OnStarted | None = None
        self.on_failed: OnFailed | None = None
        self.on_state: OnState | None = None
        self.job: Started | None = None
        self._start = start
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._newest: RunState | None = None

    def run(self) -> None:
        try:
            job = self._start()
            self.began.emit(self, job)
            self._follow(Watcher(job.folder, process=job.process))
        except TLStudioError as error:
            self.refused.emit(self, error)
        except Exception as error:
            log.exception("a job could not be started or watched")
            self.refused.emit(self, as_bug(error))
        finally:
            self.over.emit(self)

    def _follow(self, watcher: Watcher) -> None:
        told: RunState | None = None
        told_at = 0.0
        while not self._closing.is_set():
            state, now = watcher.poll(), time.monotonic()
            is_long = state.phase == "finetune"
            every_s = _LONG_NEWS_EVERY_S if is_long else _NEWS_EVERY_S
            if state is not told and (_is_turn(told, state) or now - told_at >= every_s):
                told, told_at = state, now
                self._offer(state)
            if state.status.is_over:
                return
            kill_if_silent(watcher, state)
            self._closing.wait(_LONG_POLL_S if is_long else _POLL_S)

    def _offer(self, state: RunState) -> None:
        with self._guard:
            is_waiting, self._newest = self._newest is not None, state
        if not is_waiting:
            self.news.emit(self)

    def take(self) -> RunState | None:
        """The newest state, once."""
        with self._guard:
            state, self._newest = self._newest, None
        return state

    def close(self) -> None:
        """Look no longer; the job itself goes on."""
        self._closing.set()


def _is_turn(before: RunState | None, state: RunState) -> bool:
    """Whether it stands elsewhere than it did, which is told at once; more of the same is not."""
    if before is None:
        return True
    return (before.status, before.phase, before.acknowledged) != (state.status, state.phase, state.acknowledged)


_ending: list[_Watch] = []
"""Threads nobody waits for any more: kept, because Qt ends the program where one is destroyed while it runs."""


def _let_end(watch: _Watch) -> None:
    _ending[:] = [item for item in _ending if isValid(item)]
    _ending.append(watch)
    watch.setParent(None)
    watch.finished.connect(watch.deleteLater)
    if watch.isFinished():
        watch.deleteLater()


class _Known:
    """A job that runs already, by its folder."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.folder = folder
        self.process: JobProcess | None = None
        self.notes: tuple[Message, ...] = ()


class JobWatches(QObject):
    """All jobs the window looks at."""

    state_changed = Signal(int, object)
    """Number of a run and its newest `RunState`."""
    ended = Signal(int, object)
    """The same, once, when nothing more will come."""
    failed = Signal(object)
    """A `TLStudioError`: a job could not be started, and no place to show it was named."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watches: list[_Watch] = []
        self._states: dict[int, RunState] = {}

    def start(
        self,
        work: Callable[[], Started],
        *,
        started: OnStarted | None = None,
        failed: OnFailed | None = None,
        on_state: OnState | None = None,
    ) -> None:
        """Start a job off the UI thread and watch it.

        `work` runs in the job's own thread. Without `on_state` the job is a run, and its states are told to everybody by its number;
        with it only this callback hears them (exports, predictions). All callbacks come on the UI thread.
        """
        watch = _Watch(work, self)
        watch.on_started, watch.on_failed, watch.on_state = started, failed, on_state
        queued = Qt.ConnectionType.QueuedConnection
        watch.began.connect(self._on_began, queued)
        watch.refused.connect(self._on_refused, queued)
        watch.news.connect(self._on_news, queued)
        watch.over.connect(self._on_over, queued)
        self._watches.append(watch)
        watch.start()

    def watch(self, number: int, job: Started | Path, *, on_state: OnState | None = None) -> None:
        """Watch a job that has been started: what starting gave back, or its folder."""
        if on_state is None and self.is_watching(number):
            return
        known: Started = _Known(number, job) if isinstance(job, Path) else job
        self.start(lambda: known, on_state=on_state)

    def is_watching(self, number: int) -> bool:
        """Whether a run is being watched."""
        return any(watch.job is not None and watch.job.number == number and watch.on_state is None for watch in self._watches)

    def state(self, number: int) -> RunState | None:
        """The newest state of a run that was watched since the project was opened."""
        return self._states.get(number)

    def close(self) -> None:
        """Look at nothing any more and wait for the threads; the jobs go on."""
        watches, self._watches = self._watches, []
        for watch in watches:
            watch.close()
        for watch in watches:
            if watch.wait(_CLOSE_WAIT_MS):
                watch.deleteLater()
            else:
                log.error("a watch did not end in time")
                _let_end(watch)
        self._states.clear()

    @Slot(object, object)
    def _on_began(self, watch: _Watch, job: Started) -> None:
        watch.job = job
        if watch in self._watches and is_alive(watch.on_started):
            watch.on_started(job)

    @Slot(object, object)
    def _on_refused(self, watch: _Watch, error: TLStudioError) -> None:
        if watch not in self._watches:
            return
        if is_alive(watch.on_failed):
            watch.on_failed(error)
        else:
            self.failed.emit(error)

    @Slot(object)
    def _on_news(self, watch: _Watch) -> None:
        if watch not in self._watches or watch.job is None or (state := watch.take()) is None:
            return
        if watch.on_state is not None:
            if is_alive(watch.on_state):
                watch.on_state(state)
            return
        number = watch.job.number
        self._states[number] = state
        self.state_changed.emit(number, state)
        if state.status.is_over:
            self.ended.emit(number, state)

    @Slot(object)
    def _on_over(self, watch: _Watch) -> None:
        if watch in self._watches:
            self._watches.remove(watch)
            watch.wait()
            watch.deleteLater()
