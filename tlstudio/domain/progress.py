"""How long work reports itself and how it is asked to stop."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from tlstudio.messages import Message


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where long work stands; `total` is None while it is not known. Images are counted, or bytes where `in_bytes` says so."""

    what: Message
    done: int
    total: int | None = None
    per_second: float | None = None
    in_bytes: bool = False

    @property
    def seconds_left(self) -> float | None:
        """Time left at the present rate; None where it cannot be said."""
        if self.total is None or not self.per_second:
            return None
        return (self.total - self.done) / self.per_second


Report = Callable[[Progress], None]


class Stop(Protocol):
    """A request to stop: `threading.Event` is one."""

    def is_set(self) -> bool: ...


def ignore(progress: Progress) -> None:
    """A report nobody listens to."""
