"""Where the boxes of stages stand: the drawing and the slider below it share these places."""

from dataclasses import dataclass

_GUTTER_PX = 92
_LEAST_COLUMN_PX = 46
_GAPS_PX = ((84, 12), (_LEAST_COLUMN_PX, 6), (14, 3), (0, 1))
"""From this width of a column on, the gap between two."""


@dataclass(frozen=True)
class Places:
    """Left edges and widths of all boxes, the head the last; `has_columns` where each box has room for figures of its own below it."""

    lefts: tuple[float, ...]
    widths: tuple[float, ...]
    has_columns: bool

    @property
    def stops(self) -> tuple[float, ...]:
        """Where the slider stands for 0, 1, … frozen stages: left of the first, then in the gap behind each."""
        gaps = [(left + width + after) / 2 for left, width, after in zip(self.lefts, self.widths, self.lefts[1:], strict=False)]
        return (self.lefts[0], *gaps) if self.lefts else ()


def places_of(width_px: float, num_boxes: int) -> Places:
    """Boxes side by side in a width; a column on the left names the figures where there are columns."""
    if num_boxes < 1:
        return Places((), (), True)
    pitch = (width_px - _GUTTER_PX) / num_boxes
    has_columns = pitch >= _LEAST_COLUMN_PX
    left = _GUTTER_PX if has_columns else 0.0
    pitch = (width_px - left) / num_boxes
    gap = next(gap for least, gap in _GAPS_PX if pitch >= least)
    box = (width_px - left - gap * (num_boxes - 1)) / num_boxes
    return Places(tuple(left + place * (box + gap) for place in range(num_boxes)), (box,) * num_boxes, has_columns)
