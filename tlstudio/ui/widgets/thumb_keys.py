"""Where a key moves to in a grid."""

from PySide6.QtCore import Qt

from tlstudio.ui.widgets.thumb_layout import GridLayout


def target_of(key: int, current: int | None, layout: GridLayout, view_height: int) -> int | None:
    """The index a movement key leads to from `current`; None where the key is not one, or there is nothing to move to."""
    if layout.num_tiles == 0 or key not in _STEPS:
        return None
    if current is None:
        return layout.num_tiles - 1 if key == Qt.Key.Key_End else 0
    target = current + _STEPS[key](layout, max(1, view_height // layout.pitch))
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not 0 <= target < layout.num_tiles:
        # From the last full row into a shorter one: its last tile.
        is_last_row = current // layout.columns == layout.rows - 1
        return layout.num_tiles - 1 if key == Qt.Key.Key_Down and not is_last_row else current
    return min(max(target, 0), layout.num_tiles - 1)


_STEPS = {
    Qt.Key.Key_Left: lambda layout, rows: -1,
    Qt.Key.Key_Right: lambda layout, rows: 1,
    Qt.Key.Key_Up: lambda layout, rows: -layout.columns,
    Qt.Key.Key_Down: lambda layout, rows: layout.columns,
    Qt.Key.Key_PageUp: lambda layout, rows: -layout.columns * rows,
    Qt.Key.Key_PageDown: lambda layout, rows: layout.columns * rows,
    Qt.Key.Key_Home: lambda layout, rows: -layout.num_tiles,
    Qt.Key.Key_End: lambda layout, rows: layout.num_tiles,
}
