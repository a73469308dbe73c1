"""Asks for a folder or files to open: begins where the last ones were, at first in the home folder."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


@dataclass
class LastUsed:
    """The folder something was opened from last, in any dialog; none at first."""

    folder: Path | None = None


last_used = LastUsed()


def ask_folder(parent: QWidget, title: str) -> Path | None:
    """A folder; None when the dialog is left."""
    chosen = _remembered([QFileDialog.getExistingDirectory(parent, title, _start())])
    return chosen[0] if chosen else None


def ask_file(parent: QWidget, title: str, kinds: str) -> Path | None:
    """One file; None when the dialog is left."""
    name, _kind = QFileDialog.getOpenFileName(parent, title, _start(), kinds)
    chosen = _remembered([name])
    return chosen[0] if chosen else None


def ask_files(parent: QWidget, title: str, kinds: str) -> list[Path]:
    """Any number of files; none when the dialog is left."""
    names, _kind = QFileDialog.getOpenFileNames(parent, title, _start(), kinds)
    return _remembered(names)


def ask_new(parent: QWidget, title: str, name: str, kinds: str) -> Path | None:
    """A file or folder that is to be written; None when the dialog is left. The ending of `name` is added where none is given."""
    chosen, _kind = QFileDialog.getSaveFileName(parent, title, str(Path(_start()) / name), kinds)
    if not chosen:
        return None
    path = _remembered([chosen])[0]
    return path if path.suffix or not Path(name).suffix else path.with_name(path.name + Path(name).suffix)


def ask_new_of_kind(parent: QWidget, title: str, name: str, suffix: str) -> Path | None:
    """A file of one kind that is to be written; None when the dialog is left.

    Where no ending is typed `suffix` is added before it is asked whether a file that is there may be overwritten.
    """
    dialog = QFileDialog(parent, title, _start(), f"*{suffix}")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    dialog.selectFile(name + suffix)
    is_chosen = dialog.exec() == QFileDialog.DialogCode.Accepted
    chosen = _remembered(dialog.selectedFiles()[:1]) if is_chosen else []
    dialog.deleteLater()
    return chosen[0] if chosen else None


def _start() -> str:
    folder = last_used.folder
    return str(folder if folder is not None and folder.is_dir() else Path.home())


def _remembered(names: list[str]) -> list[Path]:
    """Beside a folder there are often others, and it is in the parent that they are seen."""
    chosen = [Path(name) for name in names if name]
    if chosen:
        last_used.folder = chosen[0].parent
    return chosen
