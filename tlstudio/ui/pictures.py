"""Large pictures of single images, made in a lane of their own; only the newest wish is met."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from tlstudio.domain.samples import Sample
from tlstudio.ui.background import is_alive
from tlstudio.ui.jpegs import from_jpeg

if TYPE_CHECKING:
    from tlstudio.operations.pictures import LargePictures
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace

OnPicture = Callable[[str, QImage], object]
"""Called with the content hash and the picture."""


class Pictures(QObject):
    """Keeps the process that decodes while somebody looks, and lets it go afterwards."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._source: LargePictures | None = None
        self._project: Project | None = None
        self._next: tuple[Sample, OnPicture] | None = None
        self._ahead: list[Sample] = []
        self._made: dict[str, QImage] = {}
        """By content hash: of what was wanted last, and of what comes after it; a null image where there is none to be had."""
        self._is_busy = False
        self._looking = 0
        """Counts the times somebody began to look: what was made before the last release is of no use after it."""

    def want(self, sample: Sample, on_picture: OnPicture, *, ahead: Sequence[Sample] = ()) -> None:
        """Make a large picture of `sample`; an earlier wish that was not begun is dropped.

        `ahead` are those that will be wanted next: made when nobody waits, so that they are there at once.
        """
        wanted = {sample.content_hash, *(item.content_hash for item in ahead)}
        self._made = {name: image for name, image in self._made.items() if name in wanted}
        self._next = (sample, on_picture)
        self._ahead = list(ahead)
        self._begin()

    def release(self) -> None:
        """Nobody looks any more: the process ends."""
        self._forget()
        self._workspace.background.run(lambda _report, _stop: self._close(), lane="pictures")

    def close(self) -> None:
        """End the process now; only after the lanes have ended."""
        self._forget()
        self._close()

    def _forget(self) -> None:
        self._next = None
        self._ahead = []
        self._made = {}
        self._looking += 1

    def _begin(self) -> None:
        project, looking = self._workspace.project, self._looking
        self._answer()
        sample = self._to_make()
        if self._is_busy or sample is None or project is None:
            return
        self._is_busy = True

        def on_done(image: QImage) -> None:
            self._is_busy = False
            if looking == self._looking:
                self._made[sample.content_hash] = image
            self._begin()

        def on_failed(error: object) -> None:
            self._is_busy = False
            self._workspace.changes.failed.emit(error)
            if looking != self._looking:  # else the very same picture would be tried for ever
                self._begin()

        self._workspace.background.run(lambda _report, _stop: self._make(project, sample), done=on_done, failed=on_failed, lane="pictures")

    def _answer(self) -> None:
        """Hand over what was wanted, where it is made."""
        if self._next is not None and (image := self._made.get(self._next[0].content_hash)) is not None:
            (sample, on_picture), self._next = self._next, None
            if not image.isNull() and is_alive(on_picture):
                on_picture(sample.content_hash, image)

    def _to_make(self) -> Sample | None:
        if self._next is not None:
            return self._next[0]
        return next((sample for sample in self._ahead if sample.content_hash not in self._made), None)

    def _make(self, project: "Project", sample: Sample) -> QImage:
        """In the lane: decode in the process, read the clean JPEG it answers with."""
        if self._source is None or self._project is not project:
            from tlstudio.operations.pictures import LargePictures

            self._close()
            self._source, self._project = LargePictures(project), project
        data = self._source.jpeg(sample)
        return from_jpeg(data)

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._source = self._project = None
