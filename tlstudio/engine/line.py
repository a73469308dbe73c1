"""What the processes of a training say to each other: words, bytes and sums. Each method is called by all of them in turn."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor

from tlstudio.engine.crew import CrewLostError, Place
from tlstudio.engine.crew_words import AnyWord, decode_word
from tlstudio.engine.meeting import hurried, reaching_the_others


class Line:
    """Through main memory (gloo), whatever they compute on. Whoever finds another one gone gets a `CrewLostError`.

    All wait for each other for as long as it takes: rank 0 may be paused, another may have slow images to judge. Only around a
    training step, which takes all of them about as long, rank 0 is `hurried`.
    """

    def __init__(self, place: Place) -> None:
        self.is_lost = False
        self._place = place
        self._silence_limit_s: float | None = None

    def tell(self, word: AnyWord) -> None:
        """Rank 0 to all others."""
        self.send(msgspec.json.encode(word))

    def hear(self) -> AnyWord:
        """The next word of rank 0, however long it takes."""
        return decode_word(self.receive())

    def send(self, data: bytes) -> None:
        """Rank 0: bytes to all others."""
        self.broadcast(torch.tensor([len(data)]))
        self.broadcast(torch.frombuffer(bytearray(data), dtype=torch.uint8))

    def receive(self) -> bytes:
        """What rank 0 sends."""
        self.broadcast(length := torch.zeros(1, dtype=torch.int64))
        self.broadcast(data := torch.empty(int(length), dtype=torch.uint8))
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

    @contextmanager
    def hurried(self, silence_limit_s: float) -> Iterator[None]:
        """Within this, rank 0 gives up where another one lets it wait nearly as long as a job may be silent: `CrewSilentError`."""
        self._silence_limit_s = silence_limit_s
        try:
            yield
        finally:
            self._silence_limit_s = None

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
        """Until `work` is done. Through a `group` of cards it goes on by itself, and whoever hangs is met at the next sum."""
        assert work is not None, "every process is a member"
        if self._place.rank or group is not None or self._silence_limit_s is None:
            work.wait()
            return
        with hurried(self._silence_limit_s) as patience:
            work.wait(patience)
