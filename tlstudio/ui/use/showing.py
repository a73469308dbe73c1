"""Showing a file where it lies, in the desktop's own file manager."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(file: Path) -> bool:
    """Open the folder that holds `file`; False where the desktop has nothing to open it with."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))
