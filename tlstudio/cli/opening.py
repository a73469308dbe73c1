"""Opening a project for one command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlstudio.cli.terminal import Terminal
from tlstudio.errors import TLStudioError
from tlstudio.operations.projects import open_project
from tlstudio.project.project import Project


@contextmanager
def opened(path: Path, *, writable: bool = True) -> Iterator[Project]:
    """The project at `path`, closed afterwards. `writable=False` leaves the lock to others: for commands that only look."""
    project = open_project(path, writable=writable)
    for notice in project.notices:
        print(notice.text(), file=sys.stderr)
    try:
        yield project
    finally:
        project.close()


def take_in(path: Path, terminal: Terminal) -> None:
    """Fold what jobs have written into the run table, where nobody else holds the project; else its holder does that.

    Where that fails the run is safe in its folder, and the next one to open the project takes it in.
    """
    try:
        with opened(path):
            pass
    except TLStudioError as error:
        terminal.say(f"The run table could not be written: {error}")
