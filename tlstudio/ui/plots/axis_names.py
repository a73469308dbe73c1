"""What each axis of a drawing area tells, as much of it as has room."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontMetrics

from tlstudio.ui import theme

if TYPE_CHECKING:
    from tlstudio.ui.plots.canvas import Canvas


class AxisNames:
    """The names of the axes of one drawing area; two beside each other are named alike, as far as both have room."""

    def __init__(self, canvas: "Canvas") -> None:
        self._canvas = canvas
        self.words = ("", "")
        """Of the axis across and of the one upwards."""
        self.beside: Callable[[], Canvas | None] = lambda: None
        """The drawing area beside this one."""

    def refresh(self) -> None:
        """Each name in the middle of its axis, as much of it as has room there and in the plot beside it."""
        both = [canvas.names for canvas in (self._canvas, self.beside()) if canvas is not None and not canvas.isHidden()]
        lengths = [max(found) for found in zip(*(names._lengths() for names in both), strict=True)]
        for names in both:
            names._show(lengths)

    def _lengths(self) -> list[int]:
        """Of each axis which of the lengths of its name is the first that has room."""
        area, metrics = self._canvas.getViewBox().rect(), QFontMetrics(theme.font(theme.TINY))
        return [
            next(place for place, words in enumerate(_shorter(name)) if not words or metrics.horizontalAdvance(words) <= room_px)
            for name, room_px in zip(self.words, (area.width(), area.height()), strict=True)
        ]

    def _show(self, lengths: Sequence[int]) -> None:
        for side, name, length in zip(("bottom", "left"), self.words, lengths, strict=True):
            shown, axis = _shorter(name)[length], self._canvas.getAxis(side)
            if axis.labelText != shown:
                axis.setLabel(shown)
                axis.showLabel(bool(shown))
            axis.resizeEvent()  # the name's own width is not heard of by its place


def _shorter(name: str) -> tuple[str, str, str]:
    """A name whole, without what explains it, and not at all."""
    return name, name.partition(": ")[0], ""
