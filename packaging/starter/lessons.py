"""Views with the teachers' answers, made as they are needed, studied a few times, and forgotten."""

from dataclasses import dataclass

import torch
from teachers import Teacher
from torch import Tensor
from views import Photographs

CHUNK = 2_048
"""Views that are made at once."""
WINDOW = 4
"""Chunks that are studied side by side, so that the pictures of a step come from many."""
_ANSWERED_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """Some views, uint8[N, 3, S, S], and what each teacher answers, f16[N, D]."""

    images: Tensor
    answers: dict[str, Tensor]


class Lessons:
    """A window of `WINDOW` chunks that moves on. The same chunk is the same every time, so nothing of it needs to be kept.

    It is kept all the same where `forgets` is false: several students of the same lessons then find it made.
    """

    def __init__(self, photographs: Photographs, *, teachers: dict[str, Teacher], forgets: bool = True) -> None:
        self._photographs = photographs
        self._teachers = teachers
        self._forgets = forgets
        self._chunks: dict[int, Lesson] = {}

    def chunk(self, number: int) -> Lesson:
        """The views `number * CHUNK` and following, with their answers."""
        if number not in self._chunks:
            self._chunks[number] = self._make(number)
        return self._chunks[number]

    def take(self, first: int, rows: Tensor) -> Lesson:
        """Lessons of the window that begins with chunk `first`, by their numbers in it, i64[N]."""
        if self._forgets:
            self._chunks = {number: chunk for number, chunk in self._chunks.items() if number >= first}
        found = [(self.chunk(first + row // CHUNK), row % CHUNK) for row in rows.tolist()]
        return Lesson(
            images=torch.stack([chunk.images[row] for chunk, row in found]),
            answers={name: torch.stack([chunk.answers[name][row] for chunk, row in found]) for name in self._teachers},
        )

    def _make(self, number: int) -> Lesson:
        views = torch.stack([self._photographs.view(index) for index in range(number * CHUNK, (number + 1) * CHUNK)])
        return Lesson(
            images=views,
            answers={
                name: torch.cat([teacher.features(part.to(teacher.weight.device)).cpu() for part in torch.split(views, _ANSWERED_AT_ONCE)])
                for name, teacher in self._teachers.items()
            },
        )
