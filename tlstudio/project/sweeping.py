"""Temporary files that a killed program left behind."""

import fnmatch
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tlstudio.domain.jobs import LOCK_FILE
from tlstudio.files import FileLock
from tlstudio.log import logger
from tlstudio.project import layout

log = logger(__name__)

_PATTERN = ".*.tmp*"
UNPACKING = ".unpacking.*.tmp"
"""Folders in which archives are unpacked, below the project's images; the star is who does it."""


def orphans_of_project(folder: Path) -> list[Path]:
    """Those among the project's own files. Only the holder of the project's lock knows that nobody is writing them now."""
    here = [*folder.glob(_PATTERN), *(folder / layout.BACKUPS).glob(_PATTERN)]
    folders = sorted((folder / layout.IMAGES).glob(UNPACKING))
    files = [item for item in _below(folder / layout.IMAGES) if not any(item.is_relative_to(place) for place in folders)]
    return sorted(item for item in here if item.is_file()) + folders + files


def orphans_of_jobs(folder: Path) -> Iterator[Path]:
    """Those in the folders of jobs that nobody works on."""
    for kind in layout.JOBS:
        for job in sorted((folder / kind).glob("*/")):
            found = list(_below(job))
            if found and not _is_at_work(job):
                yield from found


def sweep(folder: Path) -> None:
    """Remove them; for the holder of the project's lock."""
    for file in (*orphans_of_project(folder), *orphans_of_jobs(folder)):
        log.info("removing %s, left behind by a program that was killed", file)
        try:
            if file.is_dir():
                shutil.rmtree(file)
            else:
                file.unlink(missing_ok=True)
        except OSError as error:
            log.info("%s stays: %s", file, error)


def _below(folder: Path) -> Iterator[Path]:
    """In all its folders; there may be 100,000 images."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in fnmatch.filter(names, _PATTERN))


def _is_at_work(job: Path) -> bool:
    try:
        return FileLock(job / LOCK_FILE).is_held_elsewhere()
    except OSError:
        return True
