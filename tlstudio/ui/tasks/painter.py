"""What the window needs of every task's painter."""

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run said of an image of the project, what it should have said, and what the image is labelled today."""

    predicted: str
    probability: float
    truth: str
    truth_probability: float
    file: str
    """Empty where the image has left the project."""
    label: str | None
    is_changed: bool
    """Labelled differently since the run."""

    @property
    def is_right(self) -> bool:
        return self.predicted == self.truth


class TaskPainter(Protocol):
    """Paints what is said of an image below its picture; areas are in logical pixels."""

    verdict_height_px: int
    answer_height_px: int

    def paint_verdict(self, painter: QPainter, area: QRectF, verdict: Verdict, *, is_label_hovered: bool) -> None:
        """Prediction and truth, file and today's label."""

    def label_area(self, area: QRectF, verdict: Verdict) -> QRectF:
        """Where in `area` today's label is painted, for the mouse; empty where it cannot be changed."""

    def verdict_words(self, verdict: Verdict) -> str:
        """The same in a sentence."""

    def paint_answer(self, painter: QPainter, area: QRectF, name: str, probability: float) -> None:
        """The answer to a new image."""

    def answer_words(self, file: str, name: str, probability: float) -> str:
        """The same in a sentence."""
