"""What can be dropped on the window, and what each thing is."""

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

_WEIGHTS = (".safetensors", ".pth", ".pt", ".th", ".ckpt", ".bin")
_PACKS = (".tlweights",)
_ARCHIVES = (".zip",)
_PACKED_PROJECTS = (".tlarchive",)


class Dropped(StrEnum):
    """Kinds of things a person drops."""

    PROJECT = "project"
    WEIGHTS = "weights"
    FOLDER = "folder"
    ARCHIVE = "archive"
    PACKED_PROJECT = "packed project"
    FILES = "files"


def kind_of(path: Path) -> Dropped:
    """What `path` is, from its name and a look into the folder itself, never into a file."""
    if path.suffix.lower() == ".tlstudio" or (path.is_dir() and any(path.glob("*.tlstudio"))):
        return Dropped.PROJECT
    if path.suffix.lower() in _PACKED_PROJECTS:
        return Dropped.PACKED_PROJECT
    if path.suffix.lower() in (*_WEIGHTS, *_PACKS):
        return Dropped.WEIGHTS
    if path.is_dir():
        from tlstudio.zoo.sets import holds_weights

        return Dropped.WEIGHTS if holds_weights(path) else Dropped.FOLDER
    return Dropped.ARCHIVE if path.suffix.lower() in _ARCHIVES else Dropped.FILES


def is_pack(path: Path) -> bool:
    """Whether a file of weights is a pack of several sets."""
    return path.suffix.lower() in _PACKS


class DropTarget(QObject):
    """Makes a whole window take drops of files; widgets in it that take some themselves come first."""

    entered = Signal()
    left = Signal()
    dropped = Signal(list)
    """Paths."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if paths_of(event):
                event.acceptProposedAction()
                self.entered.emit()
            return True
        if kind == QEvent.Type.DragLeave:
            self.left.emit()
            return True
        if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self.left.emit()
            if paths := paths_of(event):
                event.acceptProposedAction()
                self.dropped.emit(paths)
            return True
        return False


def paths_of(event: QDropEvent) -> list[Path]:
    """The local files of a drag."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
