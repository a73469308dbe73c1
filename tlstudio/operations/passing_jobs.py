"""Jobs that belong to no project and of which nothing is needed once they are over, such as a measurement of this computer."""

import contextlib
from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.watcher import read_state


def remove_ended(parent: Path) -> None:
    """Take their folders in `parent` away; one that is at work stays, and one that cannot be removed is left for the next time."""
    for number in job_folders.numbers(parent):
        folder = parent / f"{number:04d}"
        if read_state(folder).status.is_over:
            with contextlib.suppress(TLStudioError):
                job_folders.remove(folder)
