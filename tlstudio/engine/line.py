"""What the processes of a training say to each other: words, bytes and sums. Each method is called by all of them in turn."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor

from tlstudio.engine.crew import CrewLostError, Place
from tlstudio.engine.crew_words import AnyWord, decode_word
from tlstudio.engine.meeting import reaching_the_others


class Line:
    """Through main memory (gloo), whatever they compute on. Whoever finds another one gone gets a `CrewLostError`."""

    def __init__(self, place: Place) -> None:
        self.is_lost = False
        self._place = place

    def tell(self, word: AnyWord) -> None:
        """Rank 0 to all others."""
        self.send(msgspec.json.encode(word))

    def hear(self) -> AnyWord:
        """The next word of rank 0, however long it takes."""
        return decode_word(self.receive())

    def send(self, data: bytes) -> None:
        """Rank 0: bytes to all others."""
        with self.speaking():
            dist.broadcast(torch.tensor([len(data)]), 0)
            dist.broadcast(torch.frombuffer(bytearray(data), dtype=torch.uint8), 0)

    def receive(self) -> bytes:
        """What rank 0 sends."""
        with self.speaking():
            dist.broadcast(length := torch.zeros(1, dtype=torch.int64), 0)
            dist.broadcast(data := torch.empty(int(length), dtype=torch.uint8), 0)
        return data.numpy().tobytes()

    def gather(self, mine: Tensor) -> Tensor:
        """Rank 0: those of all, one behind the other; the others get nothing."""
        everything = [torch.empty_like(mine) for _rank in range(self._place.size)] if not self._place.rank else None
        with self.speaking():
            dist.gather(mine, everything)
        return torch.cat(everything) if everything is not None else mine[:0]

    def total(self, *numbers: float) -> list[float]:
        """Their sums over all."""
        with self.speaking():
            dist.all_reduce(total := torch.tensor(numbers, dtype=torch.float64))
        return total.tolist()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Around whatever reaches the others."""
        try:
            with reaching_the_others():
                yield
        except CrewLostError:
            self.is_lost = True
            raise
