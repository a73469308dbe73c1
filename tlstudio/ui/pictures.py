"""Large pictures of single images, made in a lane of their own; only the newest wish is met."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from tlstudio.domain.samples import Sample
from tlstudio.ui.background import is_alive

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
        self._is_busy = False

    def want(self, sample: Sample, on_picture: OnPicture) -> None:
        """Make a large picture of `sample`; an earlier wish that was not begun is dropped."""
        self._next = (sample, on_picture)
        self._begin()

    def release(self) -> None:
        """Nobody looks any more: the process ends."""
        self._next = None
        self._workspace.background.run(lambda _report, _stop: self._close(), lane="pictures")

    def close(self) -> None:
        """End the process now; only after the lanes have ended."""
        self._next = None
        self._close()

    def _begin(self) -> None:
        project = self._workspace.project
        if self._is_busy or self._next is None or project is None:
            return
        (sample, on_picture), self._next = self._next, None
        self._is_busy = True

        def on_done(image: QImage) -> None:
            self._is_busy = False
            if not image.isNull() and is_alive(on_picture):
                on_picture(sample.content_hash, image)
            self._begin()

        self._workspace.background.run(
            lambda _report, _stop: self._make(project, sample), done=on_done, failed=self._on_failed, lane="pictures"
        )

    def _on_failed(self, error: object) -> None:
        self._is_busy = False
        self._workspace.changes.failed.emit(error)

    def _make(self, project: "Project", sample: Sample) -> QImage:
        """In the lane: decode in the process, read the clean JPEG it answers with."""
        if self._source is None or self._project is not project:
            from tlstudio.operations.pictures import LargePictures

            self._close()
            self._source, self._project = LargePictures(project), project
        data = self._source.jpeg(sample)
        return QImage.fromData(data) if data else QImage()

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._source = self._project = None
