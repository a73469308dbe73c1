"""Where a job may put a file for the user."""

import os
from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.messages import message


def checked_output(path: Path, *, name: str) -> Path:
    """The absolute file to write; `name` is taken where `path` is a folder. Raises `TLStudioError` where it cannot be written."""
    path = path.absolute()
    if path.is_dir():
        path = path / name
    if not path.parent.is_dir():
        raise TLStudioError(
            message("output.no_folder", "The folder {folder} does not exist.", folder=str(path.parent)),
            message("output.no_folder.hint", "Make it first, or choose another place for {name}. Nothing was started.", name=path.name),
        )
    if not os.access(path.parent, os.W_OK):
        raise TLStudioError(
            message("output.not_writable", "{folder} cannot be written.", folder=str(path.parent)),
            message("output.not_writable.hint", "Choose another place for {name}. Nothing was started.", name=path.name),
        )
    return path
