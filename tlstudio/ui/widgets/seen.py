"""Whether anybody can see a widget: what cannot be seen is not kept up to date while a run goes on."""

from PySide6.QtWidgets import QWidget


def is_seen(widget: QWidget) -> bool:
    """Shown, and its window not minimised. Qt sends a show event when that changes, also when the window comes back."""
    return widget.isVisible() and not widget.window().isMinimized()
