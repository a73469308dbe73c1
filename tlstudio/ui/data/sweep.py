"""A sweep through images that are labelled one by one: where it is, and what undo comes back to. Plain state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One edit of the sweep."""

    place: int
    before: str | None
    after: str | None


class Sweep:
    """Ids in the order they come, fixed when it begins: an image that is classed leaves a filter, but not the sweep.

    Edits are made one after the other while the sweep has long gone on, so it keeps for itself what class each image will have.
    `steps` follow the project's undo: what changes nothing is no step there and none here.
    """

    def __init__(self, ids: Sequence[int], *, class_of: Callable[[int], str | None], start: int = 0) -> None:
        """`class_of(id)` gives the class an image had before the sweep; asked for images that are come to."""
        self.ids = tuple(ids)
        self.place = start
        """Index of the image that is shown; `len(ids)` behind the last one."""
        self._class_of = class_of
        self._classes: dict[int, str | None] = {}
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    @property
    def current(self) -> int | None:
        """The image that the keys speak to; None behind the last one."""
        return self.ids[self.place] if self.place < len(self.ids) else None

    @property
    def num_left(self) -> int:
        """From the one that is shown to the last."""
        return len(self.ids) - self.place

    def ahead(self, num: int) -> tuple[int, ...]:
        """The ones that come next."""
        return self.ids[self.place + 1 : self.place + 1 + num]

    def class_of(self, id: int) -> str | None:
        """The class an image has when all edits of the sweep are made."""
        return self._classes.get(id, self._class_of(id))

    def go(self, num: int) -> None:
        """So many images on, or back."""
        self.place = min(max(self.place + num, 0), len(self.ids))

    def label(self, class_id: str | None) -> bool:
        """The image that is shown gets a class, and the next one comes; whether that is an edit."""
        id = self.ids[self.place]
        before = self.class_of(id)
        if before != class_id:
            self._note(class_id)
        self.go(1)
        return before != class_id

    def leave_out(self) -> None:
        """The image that is shown is set aside, and the next one comes."""
        self._note(self.class_of(self.ids[self.place]))
        self.go(1)

    def take_back(self) -> None:
        """The newest edit is taken back: to its image, where it was made in this sweep."""
        if not self._done:
            self._classes.clear()  # one from before the sweep, which may be of any image
            return
        step = self._done.pop()
        self._undone.append(step)
        self._classes[self.ids[step.place]] = step.before
        self.place = step.place

    def do_again(self) -> None:
        """The edit that was taken back last is made again."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            self._classes[self.ids[step.place]] = step.after
            self.place = step.place + 1

    def _note(self, class_id: str | None) -> None:
        id = self.ids[self.place]
        self._done.append(_Step(place=self.place, before=self.class_of(id), after=class_id))
        self._undone.clear()
        self._classes[id] = class_id
