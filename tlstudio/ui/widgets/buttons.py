"""Push buttons of the few kinds there are."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget


def button(
    text: str,
    *,
    kind: str = "plain",
    on_click: Callable[[], object] | None = None,
    name: str = "",
    small: bool = False,
    flush: bool = False,
    parent: QWidget | None = None,
) -> QPushButton:
    """A button: `kind` is plain, primary, danger, link or quiet. `name` is what a screen reader says, else the text.

    It takes the focus by the keyboard alone, so that a click leaves no ring behind.
    """
    result = QPushButton(text, parent)
    result.setProperty("kind", kind)
    if small:
        # Not "size": that is a property every widget has already.
        result.setProperty("fit", "small")
    if flush:
        # The word of a link stands in line with what is above it; a layout takes no margin below 0.
        result.setProperty("fit", "flush")
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    result.setAccessibleName(name or text.rstrip("…"))
    result.setAutoDefault(False)
    if kind in ("link", "quiet"):
        result.setCursor(Qt.CursorShape.PointingHandCursor)
    if on_click is not None:
        result.clicked.connect(lambda _checked=False: on_click())
    return result
