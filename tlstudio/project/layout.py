"""The names of everything in a project's folder, and the small file that makes a folder a project."""

import uuid
from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

FORMAT_VERSION = 1
SUFFIX = ".tlstudio"
DATABASE = "project.sqlite"
IMAGES = "images"
RUNS = "runs"
EXPORTS = "exports"
PREDICTIONS = "predictions"
CROSS_VALIDATIONS = "crossvalidations"
RANKINGS = "rankings"
JOBS = (RUNS, EXPORTS, PREDICTIONS, CROSS_VALIDATIONS, RANKINGS)
"""Folders of numbered job folders."""
BACKUPS = "backups"
LOCK = "project.lock"
HOLDER = "project.holder.json"


class ProjectFile(msgspec.Struct, frozen=True, kw_only=True):
    """`<Name>.tlstudio`: what opens with a double-click."""

    format: int = FORMAT_VERSION
    id: str
    name: str


def new_project_file(name: str) -> ProjectFile:
    """The file of a project that is being made."""
    return ProjectFile(id=str(uuid.uuid4()), name=name)


def write_project_file(folder: Path, info: ProjectFile) -> None:
    """Replace the small file atomically; it is named after the project."""
    files.write_json(folder / f"{info.name}{SUFFIX}", info)


def read_project_file(file: Path) -> ProjectFile | None:
    """What the small file says; None where it cannot be understood. Raises `OSError`."""
    return decode_project_file(file.read_bytes())


def decode_project_file(data: bytes) -> ProjectFile | None:
    """The content of a small file; None where it is not one."""
    try:
        return msgspec.json.decode(data, type=ProjectFile)
    except msgspec.DecodeError:
        return None


def is_project(path: Path) -> bool:
    """Whether `path` is a project's folder or its small file."""
    if path.suffix == SUFFIX and path.is_file():
        return True
    return path.is_dir() and ((path / DATABASE).is_file() or any(path.glob(f"*{SUFFIX}")))


def folder_of(path: Path) -> Path:
    """The project's folder for a path to it or to its small file. Raises `TLStudioError` where there is no project."""
    path = path.absolute()
    if not is_project(path):
        raise TLStudioError(
            message("project.none_here", "There is no project at {path}.", path=str(path)),
            message("project.none_here.hint", "A project is a folder with a file that ends in .tlstudio. Choose that folder or file."),
        )
    return path if path.is_dir() else path.parent


def project_file_in(folder: Path) -> Path | None:
    """The small file of a folder; the one named like the folder where there are several."""
    found = sorted(folder.glob(f"*{SUFFIX}"))
    named = folder / f"{folder.name}{SUFFIX}"
    return named if named in found else (found[0] if found else None)
