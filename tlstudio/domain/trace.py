"""A list that only grows, shared between the states of a fold without being copied."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Trace(Generic[T]):
    """An immutable sequence; `appended` costs O(1) because states that follow each other share one list."""

    __slots__ = ("_items", "_length")

    def __init__(self, items: list[T] | None = None, length: int | None = None) -> None:
        self._items = items if items is not None else []
        self._length = len(self._items) if length is None else length

    def appended(self, item: T) -> "Trace[T]":
        """This trace with one more item."""
        items = self._items if len(self._items) == self._length else self._items[: self._length]
        items.append(item)
        return Trace(items, self._length + 1)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return iter(self._items[: self._length])

    def __getitem__(self, index: int) -> T:
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._items[index % self._length]

    def since(self, start: int) -> list[T]:
        """The items from `start` on."""
        return self._items[start : self._length]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]
