"""Jobs that belong to no project and of which nothing is needed once they are over, such as a measurement of this computer."""

import contextlib
from pathlib import Path

from tlstudio import paths
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.watcher import read_state
from tlstudio.messages import Message, message
from tlstudio.zoo import profiles


def parent(name: str, *, refusal: Message) -> Path:
    """Where jobs called `name` are, in the cache folder, with those that are over taken away. Raises `TLStudioError` with this title."""
    found = paths.cache_dir() / profiles.FOLDER / name
    try:
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise TLStudioError(
            refusal,
            message(
                "passing_jobs.no_folder.hint",
                "It needs a little room in {folder} ({reason}). Free some space there and try again.",
                folder=str(found),
                reason=error.strerror or str(error),
            ),
            details=str(error),
        ) from error
    _remove_ended(found)
    return found


def _remove_ended(parent: Path) -> None:
    """Take their folders in `parent` away; one that is at work stays, and one that cannot be removed is left for the next time."""
    for number in job_folders.numbers(parent):
        folder = parent / f"{number:04d}"
        if read_state(folder).status.is_over:
            with contextlib.suppress(TLStudioError):
                job_folders.remove(folder)
