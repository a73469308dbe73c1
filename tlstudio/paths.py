"""Where everything is: resources that ship with the program and the folders of this user."""

import os
from pathlib import Path

import platformdirs

_APP = "TL Studio"
_PACKAGE = Path(__file__).resolve().parent
PROJECTS_VARIABLE = "TLSTUDIO_PROJECTS"
"""Set by the program itself where the user chose another folder for new projects."""


def resources() -> Path:
    """The shipped resources: beside the modules in an installed wheel, beside the package in a checkout."""
    installed = _PACKAGE / "resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def _home() -> Path | None:
    """All folders move under TLSTUDIO_HOME when it is set: for portable installs and for tests."""
    home = os.environ.get("TLSTUDIO_HOME")
    return Path(home) if home else None


def config_dir() -> Path:
    """Settings and the list of recent projects."""
    home = _home()
    return home / "config" if home else Path(platformdirs.user_config_dir(_APP, appauthor=False))


def data_dir() -> Path:
    """What must be kept: the weights library."""
    home = _home()
    return home / "data" if home else Path(platformdirs.user_data_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """What can be made again: thumbnails, pixels and features."""
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def log_dir() -> Path:
    """The program's own logs."""
    home = _home()
    return home / "log" if home else Path(platformdirs.user_log_dir(_APP, appauthor=False))


def projects_dir() -> Path:
    """Where a dropped folder becomes a project: Documents/TL Studio, or what the user chose."""
    chosen = os.environ.get(PROJECTS_VARIABLE)
    if chosen:
        return Path(chosen)
    home = _home()
    return (home / "projects") if home else Path(platformdirs.user_documents_dir()) / _APP


def weights_dir() -> Path:
    """Imported weights, one folder a set."""
    return data_dir() / "weights"
