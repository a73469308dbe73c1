"""Images that are away for now, such as a share that is not connected: the job waits for them instead of going on without."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tlstudio.domain.events import AnyEvent
from tlstudio.engine.gate import Gate
from tlstudio.errors import ImagesAwayError
from tlstudio.messages import Message, message


class ImagesAway(ImagesAwayError):
    """Training without these images would be another training; they may come back."""

    def __init__(self, title: Message, *, are_back: Callable[[], bool]) -> None:
        hint = message("images.away.hint", "Connect the drive they are on, or bring the files back. Labels and earlier runs are safe.")
        super().__init__(title, hint)
        self.are_back = are_back
        """Looks whether they are."""

    def wait(self, gate: Gate) -> Iterator[AnyEvent]:
        """Pause until they are back or until it is told to try. Raises as `Gate.wait_until`, and itself where nobody can wait."""
        if not gate.is_patient:
            raise self
        yield from gate.wait_until(self.are_back, reason=self.title)


def folder_away(folder: Path) -> ImagesAway:
    """The folder of all these images cannot be reached."""
    text = "The folder of the images is not there: {folder}. The drive or share it is on may not be connected."
    return ImagesAway(message("images.folder_away", text, folder=str(folder)), are_back=lambda: is_reachable(folder))


def is_reachable(folder: Path) -> bool:
    """Whether anything can be seen in `folder`; what a drive is mounted on is there without the drive, and empty."""
    try:
        return next(folder.iterdir(), None) is not None
    except OSError:
        return False
