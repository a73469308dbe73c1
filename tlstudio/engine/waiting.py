"""How long a training waits for its images."""

import time
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")


class Waiting:
    """Adds up the time that taking the next batch takes."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._waited_s = 0.0

    def begin(self) -> None:
        """Count from now on."""
        self._since, self._waited_s = time.monotonic(), 0.0

    def share(self) -> float:
        """Of the time since counting began, 0..1; counting begins anew."""
        share = self._waited_s / max(1e-9, time.monotonic() - self._since)
        self.begin()
        return min(1.0, share)

    def counted(self, batches: Iterator[T]) -> Generator[T, None, None]:
        """`batches` as they come; closing this closes them."""
        try:
            while True:
                asked_at = time.monotonic()
                try:
                    batch = next(batches)
                except StopIteration:
                    return
                finally:
                    self._waited_s += time.monotonic() - asked_at
                yield batch
        finally:
            if isinstance(batches, Generator):
                batches.close()
