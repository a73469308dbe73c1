"""The few dialogs of the Use panel, all for files; each answers None when it is left."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from tlstudio.ui.file_dialogs import ask_files, ask_folder
from tlstudio.ui.words import tr

_IMAGES = "*.png *.jpg *.jpeg *.tif *.tiff *.bmp *.gif *.webp"


def ask_images(parent: QWidget) -> list[Path]:
    """Images to try; empty when the dialog is left."""
    return ask_files(parent, tr("Images to try"), f"{tr('Images')} ({_IMAGES});;{tr('All files')} (*)")


def ask_source(parent: QWidget) -> Path | None:
    """A folder to predict."""
    return ask_folder(parent, tr("Folder with images to predict"))


def ask_csv(parent: QWidget, source: Path) -> Path | None:
    """Where the table of answers goes; beside the folder unless another place is chosen."""
    proposal = source.parent / f"{source.name} answers.csv"
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save the table of answers"), str(proposal), tr("Table (*.csv)"))
    return _with_suffix(chosen, ".csv")


def ask_export(parent: QWidget, proposal: Path) -> Path | None:
    """Where an export goes."""
    pattern = f"*{proposal.suffix}"
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save the exported model"), str(proposal), tr("Model ({pattern})", pattern=pattern))
    return _with_suffix(chosen, proposal.suffix)


def _with_suffix(chosen: str, suffix: str) -> Path | None:
    if not chosen:
        return None
    return Path(chosen) if Path(chosen).suffix else Path(chosen + suffix)
