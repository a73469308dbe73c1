"""How large the window opens: never larger than the screen it opens on."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow

_USUAL = QSize(1440, 900)
_SMALLEST = QSize(1024, 640)
_FRAME = QSize(0, 36)
"""What the title bar may take; it is not known before the window is on the screen."""


def fit_to_screen(window: QMainWindow, available: QSize) -> None:
    """Set the first and the smallest size; `available` is what task bars leave of the screen, in logical pixels."""
    room = available - _FRAME
    window.setMinimumSize(_SMALLEST.boundedTo(room))
    window.resize(_USUAL.boundedTo(room))
