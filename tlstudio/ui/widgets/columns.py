"""The columns of a table as rows of data: what stands above each, what it shows of a row, on which side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import Qt

Row = TypeVar("Row")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its key, which sorting goes by too, its words, what it shows."""

    key: str
    title: Callable[[], str]
    text: Callable[[Row], str]
    is_figure: bool = False

    @property
    def side(self) -> Qt.AlignmentFlag:
        """Figures stand on the right, so that they can be compared."""
        return _RIGHT if self.is_figure else _LEFT


def header_data(columns: Sequence[Column[Row]], section: int, orientation: Qt.Orientation, role: int) -> object:
    """What a table's model answers for its header."""
    if orientation is not Qt.Orientation.Horizontal:
        return None
    if role == Qt.ItemDataRole.DisplayRole:
        return columns[section].title()
    return columns[section].side if role == Qt.ItemDataRole.TextAlignmentRole else None
