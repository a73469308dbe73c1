"""Where the tiles of a grid are: arithmetic alone, so that a hundred thousand cost as much as ten."""

from dataclasses import dataclass

from PySide6.QtCore import QRect


@dataclass(frozen=True, kw_only=True)
class GridLayout:
    """Square tiles in rows that fill the width. All lengths in pixels; y counts from the top of the content."""

    width: int
    num_tiles: int
    wish: int
    """The size a tile should about have."""
    gap: int = 8
    margin: int = 4
    """Room at each edge, so that the frame of a selected tile is not cut off."""

    @property
    def columns(self) -> int:
        """Tiles in a row."""
        return max(1, (self.width - 2 * self.margin + self.gap) // (self.wish + self.gap))

    @property
    def tile(self) -> int:
        """Length of a tile's side."""
        return max(16, (self.width - 2 * self.margin - (self.columns - 1) * self.gap) // self.columns)

    @property
    def pitch(self) -> int:
        """From one row to the next."""
        return self.tile + self.gap

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.num_tiles // self.columns)

    @property
    def height(self) -> int:
        """Of the whole content."""
        return max(0, self.rows * self.pitch - self.gap + 2 * self.margin) if self.num_tiles else 0

    def rect(self, index: int) -> QRect:
        """The tile's place."""
        row, column = divmod(index, self.columns)
        return QRect(self.margin + column * self.pitch, self.margin + row * self.pitch, self.tile, self.tile)

    def at(self, x: int, y: int) -> int | None:
        """The tile under a point, if any."""
        column, left = divmod(x - self.margin, self.pitch)
        row, top = divmod(y - self.margin, self.pitch)
        index = row * self.columns + column
        is_inside = 0 <= column < self.columns and row >= 0 and left < self.tile and top < self.tile
        return index if is_inside and index < self.num_tiles else None

    def between(self, top: int, bottom: int) -> range:
        """The tiles of all rows that a band of the content touches."""
        first = max(0, (top - self.margin) // self.pitch) * self.columns
        last = (max(0, (bottom - self.margin) // self.pitch) + 1) * self.columns
        return range(min(first, self.num_tiles), min(last, self.num_tiles))

    def within(self, area: QRect) -> list[int]:
        """The tiles a rectangle touches."""
        return [index for index in self.between(area.top(), area.bottom()) if self.rect(index).intersects(area)]
