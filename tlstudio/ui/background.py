"""The door to QThread for all work but watching jobs: it is done in lanes, one after the other, and answers come back on the UI thread."""

import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from types import CellType
from typing import Any, TypeGuard, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot
from shiboken6 import isValid

from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.errors import ClosedMeanwhileError, TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.paths import log_dir

log = logger(__name__)

T = TypeVar("T")
Work = Callable[[Report, Stop], T]

_REPORT_EVERY_S = 1 / 30
_CLOSE_WAIT_MS = 15_000


class Task:
    """One piece of work on its way; `stop` is a request."""

    def __init__(
        self,
        work: Work[Any],
        *,
        done: Callable[[Any], None] | None,
        failed: Callable[[TLStudioError], None] | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.work = work
        self.on_done = done
        self.on_failed = failed
        self.on_progress = progress
        self.stopping = threading.Event()
        self.is_over = False

    def stop(self) -> None:
        """Ask the work to end; what it has done so far stays."""
        self.stopping.set()


class _Lane(QObject):
    """Lives in its thread and works off what is posted, in order."""

    posted = Signal(object)
    progressed = Signal(object, object)
    ended = Signal(object, object, object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(self.on_posted, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def on_posted(self, task: Task) -> None:
        try:
            result = task.work(self._reporter(task), task.stopping)
        except TLStudioError as error:
            self.ended.emit(task, None, error)
        except Exception as error:
            log.exception("background work failed")
            self.ended.emit(task, None, as_bug(error))
        else:
            self.ended.emit(task, result, None)

    def _reporter(self, task: Task) -> Report:
        last = 0.0

        def report(progress: Progress) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _REPORT_EVERY_S or progress.done == progress.total:
                last = now
                self.progressed.emit(task, progress)

        return report


class Background(QObject):
    """Lanes by name. A lane is a thread that is made when it is first needed."""

    failed = Signal(object)
    """A `TLStudioError` for which no place to show it was named."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, tuple[QThread, _Lane]] = {}
        self._tasks: set[Task] = set()
        self._closed = False

    def run(
        self,
        work: Work[T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[TLStudioError], None] | None = None,
        progress: Callable[[Progress], None] | None = None,
        lane: str = "project",
    ) -> Task:
        """Do `work(report, stop)` in `lane`; `done`, `failed` and `progress` are called on the UI thread.

        A callback that belongs to a widget which is gone by then is dropped. A failure because the project was closed
        meanwhile is told to who asked, who is busy no longer, and to nobody else.
        """
        task = Task(work, done=done, failed=failed, progress=progress)
        if self._closed:
            task.is_over = True
            return task
        self._tasks.add(task)
        self._lane(lane).posted.emit(task)
        return task

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way or waiting."""
        return not self._tasks

    def close(self) -> None:
        """Ask everything to stop and wait for the threads to end. No callback is called after this."""
        self._closed = True
        for task in self._tasks:
            task.stop()
        for thread, _lane in self._lanes.values():
            thread.quit()
        for name, (thread, _lane) in self._lanes.items():
            if not thread.wait(_CLOSE_WAIT_MS):
                log.error("lane %s did not end in time", name)
        self._tasks.clear()
        self._lanes.clear()

    def _lane(self, name: str) -> _Lane:
        if name not in self._lanes:
            thread = QThread(self)
            thread.setObjectName(f"lane {name}")
            lane = _Lane()
            lane.moveToThread(thread)
            lane.progressed.connect(self._on_progressed, Qt.ConnectionType.QueuedConnection)
            lane.ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
            thread.start()
            self._lanes[name] = (thread, lane)
        return self._lanes[name][1]

    @Slot(object, object)
    def _on_progressed(self, task: Task, progress: Progress) -> None:
        if not self._closed and not task.is_over:
            _call(task.on_progress, progress)

    @Slot(object, object, object)
    def _on_ended(self, task: Task, result: object, error: TLStudioError | None) -> None:
        self._tasks.discard(task)
        task.is_over = True
        if self._closed:
            return
        if error is None:
            _call(task.on_done, result)
        elif task.on_failed is not None:
            _call(task.on_failed, error)
        elif isinstance(error, ClosedMeanwhileError):
            log.info("not done: %s", error.title.text())
        else:
            self.failed.emit(error)


def as_bug(error: BaseException) -> TLStudioError:
    """What a person is told of a mistake of ours; the traceback goes into the details."""
    return TLStudioError(
        message("ui.bug", "Something went wrong inside TL Studio."),
        message("ui.bug.hint", "Your images and runs are as they were before. The details are also in {folder}.", folder=str(log_dir())),
        details="".join(traceback.format_exception(error)),
    )


def is_alive(callback: Callable[..., object] | None) -> TypeGuard[Callable[..., object]]:
    """Whether there is a callback and every widget it speaks of (its own, or what it closes over) is still there."""
    if isinstance(callback, partial):
        return is_alive(callback.func)
    cells = getattr(callback, "__closure__", None) or ()
    held = [getattr(callback, "__self__", None), *(_content(cell) for cell in cells)]
    return callback is not None and all(isValid(item) for item in held if isinstance(item, QObject))


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is bound later
        return None


def _call(callback: Callable[[Any], None] | None, value: object) -> None:
    if is_alive(callback):
        callback(value)
