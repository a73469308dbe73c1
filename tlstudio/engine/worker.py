"""The job process: runs the job of a folder from its lock to its one ending, or waits warm until it is given one."""

import logging
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tlstudio.domain import jobs
from tlstudio.domain.events import AnyEvent, Cancelled, Failed, PhaseStarted, Started, Stopped, Warned
from tlstudio.domain.journal import JournalLine, decode_lines
from tlstudio.domain.run_state import SAME_AGAIN, RunState, apply
from tlstudio.engine import crew, failures
from tlstudio.engine.control import ControlThread
from tlstudio.engine.gate import CancelAsked, Gate, StopAsked, TerminateAsked
from tlstudio.engine.job import Job, read_job
from tlstudio.engine.journal import JournalWriter
from tlstudio.engine.machine_watch import watched
from tlstudio.engine.priority import lower_priority
from tlstudio.errors import TLStudioError
from tlstudio.files import FileLock
from tlstudio.lazy import resolve
from tlstudio.log import logger

log = logger(__name__)

EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, EXIT_LOST, EXIT_TERMINATED = 0, 1, 3, 5, 143
_LOCK_WAIT_S = 1.0
_LOADING_LIMIT_S = 180.0

_RUNNERS: dict[type[jobs.JobSpec], str] = {
    jobs.TrainJob: "tlstudio.engine.train_job:run",
    jobs.PredictJob: "tlstudio.engine.predict:run",
    jobs.ExportJob: "tlstudio.engine.export_job:run",
    jobs.CrossValidateJob: "tlstudio.engine.crossvalidate:run",
    jobs.RankJob: "tlstudio.engine.rank:run",
    jobs.ProbeJob: "tlstudio.engine.probe:run",
    jobs.FindRateJob: "tlstudio.engine.find_rate:run",
}


def run_job(folder: Path) -> int:
    """Run the job in `folder` to its ending, from a checkpoint where an earlier attempt left one; returns the exit code.

    Refuses (`EXIT_REFUSED`) where another process runs it or where it has ended already and nothing is left to go on from.
    Where `torchrun` has started several processes for it, one runs it and the others help.
    """
    _log_to_stderr()
    place = crew.find_place()
    if place is None:
        return _run_job(folder)
    if place.is_another_start and _has_ending(folder):
        return EXIT_DONE  # one of the others went wrong after it
    if place.rank:
        return _help_out(folder, place)
    code = _run_job(folder)
    return EXIT_DONE if code == EXIT_FAILED else code  # it has its ending: the launcher is not to start all of them again


def _help_out(folder: Path, place: crew.Place) -> int:
    from tlstudio.engine import helping

    try:
        helping.help_out(folder, place)
    except crew.CrewLostError as error:
        log.info("%s: process %d lost the others: %s", folder, place.rank, error)
        return EXIT_LOST
    except TLStudioError as error:
        log.warning("%s: process %d goes home, and so do all: %s", folder, place.rank, error)
    return EXIT_DONE


def _run_job(folder: Path) -> int:
    lock = FileLock(folder / jobs.LOCK_FILE)
    if not take(lock):
        print(f"{folder}: another process runs this job", file=sys.stderr)
        return EXIT_REFUSED
    try:
        return run_locked(folder)
    finally:
        lock.release()


def take(lock: FileLock) -> bool:
    """Take a job's lock; patient for a moment with a watcher, who holds it for an instant to see whether it is free."""
    deadline = time.monotonic() + _LOCK_WAIT_S
    while not lock.acquire():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def run_locked(folder: Path) -> int:
    """As `run_job`, for a caller that holds the lock."""
    journal = JournalWriter(folder / jobs.JOURNAL_FILE)
    try:
        if _is_over(journal.history):
            print(f"{folder}: this job has ended already", file=sys.stderr)
            return EXIT_REFUSED
        gate = Gate()
        gate.shortage = journal.shortage
        attempt = sum(isinstance(line.event, Started) for line in journal.history) + 1
        journal.write(Started(attempt=attempt, pid=crew.pid_of_job()))
        control = ControlThread(folder / jobs.CONTROL_FILE, gate, journal)
        control.start()
        try:
            with _on_terminate(gate), ExitStack() as until_ended:
                return _to_its_end(folder, gate, journal, until_ended)
        except crew.CrewLostError as error:
            log.warning("%s: it has ended, and another process of it has not gone home: %s", folder, error)
            return EXIT_LOST  # the launcher ends that one, and starts all of them again, which find the ending
        finally:
            control.stop()
    finally:
        journal.close()


def _is_over(history: tuple[JournalLine, ...]) -> bool:
    """Whether it has its ending; one that failed may go on from a checkpoint."""
    state = _folded(history)
    return state.status.is_over and not state.can_continue


def _has_ending(folder: Path) -> bool:
    data = (folder / jobs.JOURNAL_FILE).read_bytes()
    return _folded(line for line, _offset in decode_lines(data)).status.is_over


def _folded(history: Iterable[JournalLine]) -> RunState:
    state = RunState()
    for line in history:
        state = apply(state, line.event)
    return state


def _to_its_end(folder: Path, gate: Gate, journal: JournalWriter, until_ended: ExitStack) -> int:
    """The one place that turns how a job went into its ending.

    The others are told that it is over only `until_ended`, so that one that hangs there keeps no ending from being written.
    """
    try:
        if "torch" not in sys.modules:
            journal.write(PhaseStarted(phase="libraries", total=None, silence_limit_s=_LOADING_LIMIT_S))
        all_of_us = until_ended.enter_context(crew.joined())
        job = read_job(folder, gate=gate, history=journal.history, crew=all_of_us)
        if job.environment.good_neighbour:
            lower_priority()
        for event in watched(job, _runner(job)(job)):
            journal.write(event)
        return EXIT_DONE
    except crew.CrewLostError as error:
        log.warning("%s: another process of the training is gone, it can be continued: %s", folder, error)
        if isinstance(error, crew.CrewSilentError):
            journal.write(Warned(message=error.words))
        return EXIT_LOST
    except TerminateAsked:
        log.info("%s: asked to end; it can be continued", folder)
        return EXIT_TERMINATED
    except CancelAsked:
        for name in (jobs.CHECKPOINTS, jobs.PREDICTIONS):
            shutil.rmtree(folder / name, ignore_errors=True)
        journal.write(Cancelled())
        return EXIT_DONE
    except StopAsked:
        journal.write(Stopped())
        return EXIT_DONE
    except TLStudioError as error:
        log.info("%s: %s %s", folder, error, error.details)
        journal.write(Failed(title=error.title, hint=error.hint, details=error.details))
        if error.title.id in SAME_AGAIN:
            _take_away_states(folder)
        return EXIT_FAILED
    except Exception as error:
        # The border of the process: whatever it was, the journal says so, and the traceback is in the log.
        traceback.print_exc()
        journal.write(failures.of(error))
        return EXIT_FAILED


def _take_away_states(folder: Path) -> None:
    """What a training would have gone on from that never goes on; the best network stays."""
    from tlstudio.engine import checkpoint, soup

    try:
        for kind in (checkpoint.LAST, soup.KIND):
            checkpoint.remove(folder, kind)
    except OSError as error:
        log.warning("what the training would have gone on from stays: %s", error)


def _runner(job: Job) -> Callable[[Job], Iterator[AnyEvent]]:
    runner: Callable[[Job], Iterator[AnyEvent]] = resolve(_RUNNERS[type(job.spec)])
    return runner


@contextmanager
def _on_terminate(gate: Gate) -> Iterator[None]:
    """SIGTERM asks the gate for a checkpoint; only the main thread may listen to signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_number: int, _frame: FrameType | None) -> None:
        gate.terminating = True

    before = signal.signal(signal.SIGTERM, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def serve() -> int:
    """Wait warm for work; see `engine.serving`."""
    _log_to_stderr()
    from tlstudio.engine import serving

    return serving.serve()


def leave(code: int) -> NoReturn:
    """End this process at once. Everything is on the disk and every lock given back; taking torch apart would only cost seconds."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _log_to_stderr() -> None:
    """The parent has pointed it at the job's log.txt."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
