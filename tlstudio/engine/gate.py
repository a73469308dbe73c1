"""Where a job asks, between two steps, whether it may go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tlstudio.domain.events import AnyEvent, Continued, Paused
from tlstudio.domain.jobs import Command
from tlstudio.messages import Message

LOOK_EVERY_S = 1.0
"""How often a job that waits by itself looks whether it still has to."""
_WAIT_S = 0.02

Save = Callable[[], Iterator[AnyEvent]]


def _no_save() -> Iterator[AnyEvent]:
    """Where all that is done can be found again in the caches."""
    yield from ()


def _no_step() -> int:
    return 0


def _no_shortage() -> Message | None:
    return None


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

    def __init__(self, *, is_patient: bool = True) -> None:
        self.is_patient = is_patient
        """Whether there is anybody who can wait: not where an answer is expected at once."""
        self.command = Command.RUN
        self.num_told = 0
        """How often a command came, the same one again included: who waits by itself then tries at once."""
        self.terminating = False
        self.courtesy: Callable[[], Message | None] | None = None
        """Says why the job is to wait for somebody else; asked by the control thread."""
        self.waits_for: Message | None = None
        """What it said last."""
        self.shortage: Callable[[], Message | None] = _no_shortage
        """Says what is lacking so that the job has to wait, of itself."""
        self.can_stop = True
        """Set to False where the best is being written already, so that stopping asks for nothing more."""
        self.paused_s = 0.0
        self._save: Save = _no_save
        self._step: Callable[[], int] = _no_step

    @property
    def is_open(self) -> bool:
        """Whether the job may go on without looking any closer."""
        return not self.is_to_end and self.command is not Command.PAUSE and self.waits_for is None and self.shortage() is None

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
        if self.terminating and self.command is not Command.CANCEL:
            yield from self._save()
        self._end_if_asked()
        if self.command is Command.PAUSE:
            yield from self._save()
            yield from self._pause(lambda: self.command is not Command.PAUSE)
        elif self.waits_for is not None:
            yield from self._give_way(self.waits_for)
        elif (reason := self.shortage()) is not None:
            yield from self.wait_until(lambda: self.shortage() is None, reason=reason, saves=False)
        yield from self.obey()

    def wait_until(self, is_over: Callable[[], bool], *, reason: Message, saves: bool = True) -> Iterator[AnyEvent]:
        """Pause although nobody asked, until `is_over`, which is looked at now and then, or until the job is told to go on.

        `saves`: whether a checkpoint is written before. Raises as `obey`, and without one where the process has to end meanwhile.
        """
        self._end_if_asked()
        if saves:
            yield from self._save()
        told, looked_at = self.num_told, time.monotonic()

        def is_done() -> bool:
            nonlocal looked_at
            if self.num_told != told:
                return True
            if time.monotonic() - looked_at < LOOK_EVERY_S:
                return False
            looked_at = time.monotonic()
            return is_over()

        yield from self._pause(is_done, reason=reason)
        self._end_if_asked()

    def _give_way(self, reason: Message) -> Iterator[AnyEvent]:
        told = self.num_told
        if self.courtesy is None:
            self.waits_for = None
            return
        yield from self.wait_until(lambda: self.waits_for is None, reason=reason)
        if self.num_told != told and self.command is Command.RUN:
            self.courtesy = self.waits_for = None  # a person wants it to go on in spite of it

    @property
    def is_to_end(self) -> bool:
        """Whether the job is to end where it stands."""
        return self.terminating or self.command is Command.CANCEL or (self.command is Command.STOP and self.can_stop)

    def _end_if_asked(self) -> None:
        if self.command is Command.CANCEL:
            raise CancelAsked
        if self.terminating:
            raise TerminateAsked
        if self.command is Command.STOP and self.can_stop:
            raise StopAsked

    def _pause(self, is_over: Callable[[], bool], *, reason: Message | None = None) -> Iterator[AnyEvent]:
        yield Paused(step=self._step(), reason=reason)
        since = time.monotonic()
        while not self.is_to_end and not is_over():
            time.sleep(_WAIT_S)
        self.paused_s += time.monotonic() - since
        yield Continued(step=self._step())
