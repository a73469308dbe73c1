"""The pool that feeds decoder processes (`python -m tlstudio decoder`): foreign bytes are decoded there first.

A file that crashes its process twice (a segfault, a memory kill, kill -9) or takes longer than `FILE_LIMIT_S` is set aside
with that reason; the process is started again and the other files go on. Answers come in the order of the paths.
"""

import os
import queue
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tlstudio.datasets import reasons
from tlstudio.datasets.decoder_main import main
from tlstudio.datasets.decoder_process import Answered, DecoderProcess, Died, News, Started
from tlstudio.datasets.inspection import THUMBNAIL_PX, Box, Inspected, Order
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.progress import Stop
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message

__all__ = ["DecoderPool", "Inspected", "main"]

FILE_LIMIT_S = 10.0
START_LIMIT_S = 120.0
_AHEAD = 32
"""Files one process has in hand, so that it never waits for this side, not even while a batch of small images is written to the disk."""
_WINDOW = 256
"""How far ahead of a slow file the others may go; their answers are kept back meanwhile."""
_AHEAD_OF_PIXELS, _WINDOW_OF_PIXELS = 4, 64
"""The same where answers carry pixels: up to 12 MB each."""
_MAX_CRASHES = 2
_MAX_FAILED_STARTS = 3

log = logger(__name__)


class _Work:
    """The files of one `inspect` call: not yet given out, given out, answered."""

    def __init__(self, paths: Iterable[Path], *, window: int) -> None:
        self._source = iter(enumerate(paths))
        self._window = window
        self._again: deque[tuple[int, Path]] = deque()
        self._answers: dict[int, Inspected] = {}
        self._crashes: dict[int, int] = {}
        self._next = 0
        self._num_given = 0
        self._exhausted = False

    def take(self) -> tuple[int, Path] | None:
        """The next file to decode; None where there is none or the others are too far behind."""
        if self._again:
            return self._again.popleft()
        if self._exhausted or self._num_given >= self._next + self._window:
            return None
        item = next(self._source, None)
        self._exhausted = item is None
        self._num_given += item is not None
        return item

    def give_back(self, items: Iterable[tuple[int, Path]]) -> None:
        """These were not decoded and come next."""
        self._again.extendleft(reversed(list(items)))

    def answer(self, index: int, inspected: Inspected) -> None:
        self._answers[index] = inspected

    def crash(self, index: int, path: Path, how: str) -> None:
        """Once may have been somebody else's doing (memory); the second time it is this file."""
        self._crashes[index] = self._crashes.get(index, 0) + 1
        if self._crashes[index] < _MAX_CRASHES:
            self.give_back([(index, path)])
        else:
            self.answer(index, Inspected(path=path, reason=reasons.crashed_the_decoder(how).title))

    def in_order(self) -> Iterator[Inspected]:
        """Answers whose turn has come."""
        while self._next in self._answers:
            self._next += 1
            yield self._answers.pop(self._next - 1)

    @property
    def is_done(self) -> bool:
        return self._exhausted and self._next == self._num_given


def num_workers() -> int:
    """Half of the processors, at least 2 and at most 6: the window and the database want some too."""
    return max(2, min(6, (os.cpu_count() or 2) // 2))


class DecoderPool:
    """Decodes files in processes of their own. A context manager; one `inspect` at a time, from any one thread."""

    def __init__(
        self,
        rule: IntensityRule,
        *,
        workers: int | None = None,
        thumbnail_px: int = THUMBNAIL_PX,
        fitted_for: Preprocessing | None = None,
        reads_masks: bool = False,
        crops: Mapping[Path, tuple[Box, ...]] | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self._order = Order(
            rule=rule,
            thumbnail_px=thumbnail_px,
            fitted_for=fitted_for,
            reads_masks=reads_masks,
            crops={os.fsencode(path): boxes for path, boxes in (crops or {}).items()},
        )
        carries_pixels = fitted_for is not None or reads_masks or bool(crops)
        self._ahead, self._window = (_AHEAD_OF_PIXELS, _WINDOW_OF_PIXELS) if carries_pixels else (_AHEAD, _WINDOW)
        self._workers = workers or num_workers()
        self._command = command
        self._processes: list[DecoderProcess] = []
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._failed_starts = 0

    def __enter__(self) -> "DecoderPool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes:
            process.kill()  # it holds nothing worth waiting for
        for process in self._processes:
            process.close()
        self._processes.clear()

    @property
    def pids(self) -> list[int]:
        """Of the processes that run now."""
        return [process.pid for process in self._processes]

    def inspect(self, paths: Iterable[Path], *, stop: Stop | None = None) -> Generator[Inspected, None, None]:
        """Look at each file, in order. Raises `TLStudioError` only where no decoder process can be started at all.

        Leaving the loop early is fine: what is in hand is given up. `stop` ends it while it waits for a file.
        """
        work = _Work(paths, window=self._window)
        try:
            while stop is None or not stop.is_set():
                self._feed(work)
                yield from work.in_order()
                if work.is_done:
                    return
                self._collect(work)
        finally:
            self._give_up_what_is_in_hand()

    def _feed(self, work: _Work) -> None:
        while (item := work.take()) is not None:
            process = self._least_busy()
            if process is None or not process.send(*item):
                work.give_back([item])
                return

    def _least_busy(self) -> DecoderProcess | None:
        if len(self._processes) < self._workers and all(process.in_hand for process in self._processes):
            self._processes.append(DecoderProcess(self._order, self._news, command=self._command))
        process = min(self._processes, key=lambda item: len(item.in_hand))
        return process if len(process.in_hand) < self._ahead else None

    def _collect(self, work: _Work) -> None:
        """Wait for news, take in all there is, then look for files that take too long."""
        try:
            news: News | None = self._news.get(timeout=max(0.05, min(0.5, self._next_deadline() - time.monotonic())))
        except queue.Empty:
            news = None
        while news is not None:
            self._take_in(news, work)
            news = None if self._news.empty() else self._news.get()
        self._kill_the_slow(work)

    def _take_in(self, news: News, work: _Work) -> None:
        process = news.process
        if process not in self._processes:
            return  # the last words of one that was given up
        match news:
            case Started():
                self._failed_starts = 0
                process.started_at = process.head_since = news.at
            case Answered(inspected=inspected):
                index, _ = process.in_hand.popleft()
                process.head_since = news.at
                work.answer(index, inspected)
            case Died():
                self._bury(process, work)

    def _bury(self, process: DecoderProcess, work: _Work) -> None:
        self._processes.remove(process)
        how = process.close()
        in_hand = list(process.in_hand)
        if process.started_at is None:
            self._failed_starts += 1
            if self._failed_starts >= _MAX_FAILED_STARTS:
                raise _cannot_start(how)
            work.give_back(in_hand)
        elif in_hand:
            log.info("the decoder stopped (%s) at %r", how, str(in_hand[0][1]))
            work.give_back(in_hand[1:])
            work.crash(*in_hand[0], how)

    def _next_deadline(self) -> float:
        return min((self._deadline(process) for process in self._processes if process.in_hand), default=time.monotonic())

    @staticmethod
    def _deadline(process: DecoderProcess) -> float:
        return process.head_since + (START_LIMIT_S if process.started_at is None else FILE_LIMIT_S)

    def _kill_the_slow(self, work: _Work) -> None:
        now = time.monotonic()
        for process in list(self._processes):
            if not process.in_hand or now < self._deadline(process):
                continue
            if process.started_at is None:
                process.kill()  # its death is then counted as a failed start
                continue
            self._processes.remove(process)
            process.kill()
            process.close()
            index, path = process.in_hand.popleft()
            work.give_back(process.in_hand)
            work.answer(index, Inspected(path=path, reason=reasons.took_too_long(FILE_LIMIT_S).title))

    def _give_up_what_is_in_hand(self) -> None:
        for process in [item for item in self._processes if item.in_hand]:
            self._processes.remove(process)
            process.kill()
            process.close()


def _cannot_start(how: str) -> TLStudioError:
    return TLStudioError(
        message("decoder.cannot_start", "The process that reads images could not be started ({how}).", how=how),
        message("decoder.cannot_start.hint", "Nothing was changed. Restart the program; if it happens again, the log names the cause."),
    )
