"""Where a ranking stands and how long it will take: what was expected of each network, corrected by how long the others took."""

import time
from collections.abc import Callable, Sequence

from tlstudio.domain.events import NetworkLooked

_TELLING_S = 1.0
"""Work from which on what it took says something of the rest."""


class RankClock:
    """`expected`: name and seconds of each network, in order."""

    def __init__(self, expected: Sequence[tuple[str, float]], *, num_images: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._expected = expected
        self._num_images = num_images
        self._clock = clock
        self._started = clock()
        self._number = 0

    def next(self) -> None:
        """The network is done with."""
        self._number += 1

    def now(self, num_done: int) -> NetworkLooked:
        """`num_done` images have been looked at with the present network."""
        name, expected_s = self._expected[self._number]
        total_s = max(1e-9, sum(seconds for _name, seconds in self._expected))
        share_of_this = num_done / max(1, self._num_images)
        done_s = sum(seconds for _name, seconds in self._expected[: self._number]) + share_of_this * expected_s
        factor = (self._clock() - self._started) / done_s if done_s > _TELLING_S else 1.0
        return NetworkLooked(
            name=name,
            number=self._number + 1,
            total=len(self._expected),
            done=num_done,
            num_images=self._num_images,
            share=min(1.0, done_s / total_s),
            seconds_left=(total_s - done_s) * factor,
        )
