"""Words where there is no room for all of them: whole parts go first, then whole words, and letters last."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

ELLIPSIS = "…"
_LEAST_PARTS, _LEAST_WORDS = 0.35, 0.5
"""Share of the room that must be filled; below it more is said by cutting closer."""


def shortened(text: str, metrics: QFontMetrics, room_px: int, *, by_parts: bool = True) -> str:
    """As much of `text` as reads well: "epoch 2 of 14 · about 3 min left…" rather than "epoch 2 of 14 · about 3 min left · 22 im…".

    Without `by_parts` whole words go at once: for a list of sentences, where a part is long and its beginning says something.
    """
    if metrics.horizontalAdvance(text) <= room_px:
        return text
    steps = (((" · ", ": ", ", "), _LEAST_PARTS), ((" ",), _LEAST_WORDS))
    for marks, least in steps if by_parts else steps[1:]:
        for place in sorted({place for mark in marks for place in _places(text, mark)}, reverse=True):
            if not by_parts and " " not in text[:place].rpartition(" · ")[2]:
                continue  # one word of a sentence says nothing
            shown = text[:place].rstrip(" ·:,…") + ELLIPSIS
            width = metrics.horizontalAdvance(shown)
            if width < least * room_px:
                break
            if width <= room_px:
                return shown
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px)


def _places(text: str, mark: str) -> list[int]:
    """Where a mark begins."""
    return [place for place in range(len(text)) if text.startswith(mark, place)]
