"""What the processes of a training say to each other: words, bytes and sums. Each method is called by all of them in turn."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor

from tlstudio.engine.crew import CrewLostError, CrewSilentError, Place
from tlstudio.engine.crew_words import AnyWord, Over, decode_word
from tlstudio.engine.gate import Gate
from tlstudio.engine.meeting import patience_s, reaching_the_others

_LOOK_EVERY_S = 0.5
_ENDING_WAIT_S = 10.0
"""How long rank 0 at least waits for an answer once it is asked to end: a step takes most networks less."""


class Line:
    """Through main memory (gloo), whatever they compute on. Whoever finds another one gone gets a `CrewLostError`.

    All wait for each other for as long as it takes: rank 0 may be paused, another may have a network to load. Only where an answer
    is due, in a training step and in an exam, rank 0 is `hurried`; and nobody who hangs keeps it from ending where it is asked to.
    """

    def __init__(self, place: Place) -> None:
        self.is_lost = False
        self._place = place
        self._patience_s = float("inf")
        self._gate: Gate | None = None
        self._is_hurried = False
        self._longest_s = 0.0
        """That rank 0 was `hurried` at a time."""
        self._is_over = False

    def tell(self, word: AnyWord) -> None:
        """Rank 0 to all others."""
        self.send(msgspec.json.encode(word))

    def hear(self, meanwhile: Callable[[], bool]) -> AnyWord:
        """The next word of rank 0, however long it takes; until it comes, what there is to do `meanwhile`, as long as there is more."""
        with self.speaking():
            coming = dist.broadcast(length := torch.zeros(1, dtype=torch.int64), 0, async_op=True)
            assert coming is not None, "every process is a member"
        while not coming.is_completed() and meanwhile():
            pass
        with self.speaking():
            coming.wait()
        return decode_word(self._receive(int(length)))

    def send(self, data: bytes) -> None:
        """Rank 0: bytes to all others."""
        self.broadcast(torch.tensor([len(data)]))
        self.broadcast(torch.frombuffer(bytearray(data), dtype=torch.uint8))

    def receive(self) -> bytes:
        """What rank 0 sends."""
        self.broadcast(length := torch.zeros(1, dtype=torch.int64))
        return self._receive(int(length))

    def _receive(self, length: int) -> bytes:
        self.broadcast(data := torch.empty(length, dtype=torch.uint8))
        return data.numpy().tobytes()

    def gather(self, mine: Tensor) -> Tensor:
        """Rank 0: those of all, one behind the other; the others get nothing."""
        everything = [torch.empty_like(mine) for _rank in range(self._place.size)] if not self._place.rank else None
        with self.speaking():
            self._wait(dist.gather(mine, everything, async_op=True))
        return torch.cat(everything) if everything is not None else mine[:0]

    def total(self, *numbers: float) -> list[float]:
        """Their sums over all."""
        with self.speaking():
            self._wait(dist.all_reduce(total := torch.tensor(numbers, dtype=torch.float64), async_op=True))
        return total.tolist()

    def broadcast(self, tensor: Tensor, *, group: dist.ProcessGroup | None = None) -> None:
        """That of rank 0 into those of all."""
        with self.speaking():
            self._wait(dist.broadcast(tensor, 0, group=group, async_op=True), group)

    def reduce(self, tensor: Tensor, *, group: dist.ProcessGroup | None = None) -> None:
        """The sum of all into that of rank 0."""
        with self.speaking():
            self._wait(dist.reduce(tensor, 0, group=group, async_op=True), group)

    def lead(self, *, silence_limit_s: float, gate: Gate) -> None:
        """Rank 0: what it goes by from here on."""
        self._patience_s, self._gate = patience_s(silence_limit_s), gate

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Within this, rank 0 gives up where another one lets it wait nearly as long as a job may be silent: `CrewSilentError`."""
        since = time.monotonic()
        self._is_hurried = True
        try:
            yield
        finally:
            self._is_hurried = False
            self._longest_s = max(self._longest_s, time.monotonic() - since)

    def end(self) -> None:
        """Rank 0 tells the others to go home. It waits for them as where it is asked to end."""
        self._is_over = True
        self.tell(Over())

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Around whatever reaches the others."""
        try:
            with reaching_the_others():
                yield
        except CrewLostError:
            self.is_lost = True
            raise

    def _wait(self, work: dist.Work | None, group: dist.ProcessGroup | None = None) -> None:
        """Until `work` is done. Through a `group` of cards it goes on by itself, and whoever hangs is met at the next sum.

        Rank 0 gives up soon where it is asked to end: all start again, and what was asked is obeyed first. But who takes minutes for
        a step does not hang.
        """
        assert work is not None, "every process is a member"
        if self._place.rank or group is not None:
            work.wait()
            return
        since, asked_at = time.monotonic(), float("inf")
        while not _is_done(work):
            now = time.monotonic()
            asked_at = min(asked_at, now) if self._is_to_end() else float("inf")
            if now - asked_at > max(_ENDING_WAIT_S, 2 * self._longest_s):
                raise CrewSilentError(now - since, is_to_end=True)
            if self._is_hurried and now - since > self._patience_s:
                raise CrewSilentError(now - since)

    def _is_to_end(self) -> bool:
        return self._is_over or (self._gate is not None and self._gate.is_to_end)


def _is_done(work: dist.Work) -> bool:
    """Whether it is, a moment later at most. Raises what went wrong with it."""
    with suppress(RuntimeError):  # the moment is over, or it went wrong
        work.wait(timedelta(seconds=_LOOK_EVERY_S))
    if not work.is_completed():
        return False
    work.wait()
    return True
