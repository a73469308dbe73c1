"""Which tiles of a grid are selected: plain state, moved by clicks and keys."""

from collections.abc import Iterable, Sequence


class ThumbSelection:
    """Selected ids, the current one and the anchor a range starts from, over a list of ids in the order shown."""

    def __init__(self) -> None:
        self.ids: Sequence[int] = ()
        self.selected: set[int] = set()
        self.current: int | None = None
        """Index of the tile the keys speak to."""
        self._anchor = 0

    def set_ids(self, ids: Sequence[int]) -> bool:
        """Show other ids; whether the selection shrank. The current tile stays where it was in the list, or with its id."""
        held = self.ids[self.current] if self.current is not None and self.current < len(self.ids) else None
        self.ids = ids
        before = len(self.selected)
        if self.selected:
            self.selected.intersection_update(ids)
        if self.current is not None:
            self.current = self._place_of(held, self.current)
            self._anchor = min(self._anchor, max(0, len(ids) - 1))
        return len(self.selected) != before

    def choose(self, index: int) -> None:
        """This one alone."""
        self.selected = {self.ids[index]}
        self.current = self._anchor = index

    def toggle(self, index: int) -> None:
        """This one too, or no longer."""
        self.selected ^= {self.ids[index]}
        self.current = self._anchor = index

    def extend(self, index: int) -> None:
        """Everything from the anchor to this one."""
        low, high = sorted((min(self._anchor, len(self.ids) - 1), index))
        self.selected = set(self.ids[low : high + 1])
        self.current = index

    def set_selected(self, ids: Iterable[int]) -> None:
        """Exactly these; the current tile follows the first of them."""
        self.selected = set(ids)
        if self.selected and (self.current is None or self.ids[self.current] not in self.selected):
            first = next((index for index, id in enumerate(self.ids) if id in self.selected), None)
            if first is not None:
                self.current = self._anchor = first

    def ordered(self) -> tuple[int, ...]:
        """The selected ids in the order shown."""
        if len(self.selected) <= 1:
            return tuple(self.selected)
        if len(self.selected) == len(self.ids):
            return tuple(self.ids)
        return tuple(id for id in self.ids if id in self.selected)

    def _place_of(self, id: int | None, fallback: int) -> int | None:
        if not self.ids:
            return None
        fallback = min(fallback, len(self.ids) - 1)
        if id is None or self.ids[fallback] == id:
            return fallback
        try:
            return self.ids.index(id)
        except ValueError:
            return fallback
