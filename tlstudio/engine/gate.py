"""Where a job asks, between two steps, whether it may go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tlstudio.domain.events import AnyEvent, Continued, Paused
from tlstudio.domain.jobs import Command

_WAIT_S = 0.02

Save = Callable[[], Iterator[AnyEvent]]


def _no_save() -> Iterator[AnyEvent]:
    """Where all that is done can be found again in the caches."""
    yield from ()


def _no_step() -> int:
    return 0


class StopAsked(Exception):
    """End now and keep the best so far."""


class CancelAsked(Exception):
    """End now and keep nothing."""


class TerminateAsked(Exception):
    """The system wants the process to end; a checkpoint is on disk and the job can be continued."""


class Gate:
    """Open while nothing was asked. Set by the control thread and the signal handler, read by the job.

    Plain attributes on purpose: a signal handler must not wait for a lock that the interrupted code may hold.
    """

    def __init__(self) -> None:
        self.command = Command.RUN
        self.terminating = False
        self.can_stop = True
        """Set to False where the best is being written already, so that stopping asks for nothing more."""
        self.paused_s = 0.0
        self._save: Save = _no_save
        self._step: Callable[[], int] = _no_step

    @property
    def is_open(self) -> bool:
        """Whether the job may go on without looking any closer."""
        return not self.terminating and (self.command is Command.RUN or (self.command is Command.STOP and not self.can_stop))

    @contextmanager
    def saving(self, save: Save, step: Callable[[], int]) -> Iterator[None]:
        """Within this, a checkpoint is written before a pause and before the process ends, wherever that is asked."""
        self._save, self._step = save, step
        try:
            yield
        finally:
            self._save, self._step = _no_save, _no_step

    def obey(self) -> Iterator[AnyEvent]:
        """Do what was asked: wait out a pause, or raise `StopAsked`, `CancelAsked` or `TerminateAsked`."""
        if self.is_open:
            return
        if self.command is Command.CANCEL:
            raise CancelAsked
        if self.terminating:
            yield from self._save()
            raise TerminateAsked
        if self.command is Command.STOP:
            raise StopAsked
        yield from self._save()
        yield Paused(step=self._step())
        self._wait()
        yield Continued(step=self._step())
        yield from self.obey()

    def _wait(self) -> None:
        since = time.monotonic()
        while self.command is Command.PAUSE and not self.terminating:
            time.sleep(_WAIT_S)
        self.paused_s += time.monotonic() - since
