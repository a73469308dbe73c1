"""Which runs the queue goes on after: those that it began, and those during which a person said that it shall go on.

The mark lies in the run's folder, so it outlives the program; any other run leaves a queue that is held as it is.
"""

from collections.abc import Iterable
from pathlib import Path

from tlstudio.domain.jobs import FOLLOWED_FILE
from tlstudio.domain.runs import Run
from tlstudio.log import logger
from tlstudio.project.project import Project

log = logger(__name__)


def mark(folder: Path) -> None:
    """Let the queue go on after the run in `folder`, also where the program is ended and started again meanwhile."""
    try:
        (folder / FOLLOWED_FILE).touch()
    except OSError as error:  # the queue is then held when the project is opened again, and offered to the person
        log.warning("that the queue goes on after %s could not be kept: %s", folder.name, error)


def unmark(folder: Path) -> None:
    """A person starts the run again, out of its turn: a queue that is held stays so after it."""
    try:
        (folder / FOLLOWED_FILE).unlink(missing_ok=True)
    except OSError as error:
        log.warning("that the queue no longer goes on after %s could not be kept: %s", folder.name, error)


def mark_under_way(project: Project, runs: Iterable[Run]) -> None:
    """The same as `mark` for every run that is under way."""
    for run in runs:
        if run.status.is_under_way:
            mark(_folder(project, run))


def goes_on(project: Project, runs: Iterable[Run]) -> bool:
    """Whether a run is under way that the queue goes on after."""
    return any(run.status.is_under_way and (_folder(project, run) / FOLLOWED_FILE).exists() for run in runs)


def _folder(project: Project, run: Run) -> Path:
    return project.folder / run.folder_name
