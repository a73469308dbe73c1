"""One image of a project, large enough to look at closely; decoded in a process of its own, like everything foreign."""

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.domain.samples import Sample
from tlstudio.project.project import Project

LARGE_PX = 1600


class LargePictures:
    """Keeps a decoder process ready between images. Not thread-safe; use it from one thread and close it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._pool = DecoderPool(project.settings().intensity, workers=1, thumbnail_px=LARGE_PX)

    def jpeg(self, sample: Sample) -> bytes | None:
        """JPEG bytes, longest side at most `LARGE_PX`; None where the file cannot be read or is not the one that was imported."""
        file = self._project.dataset().file_of(sample)
        (inspected,) = self._pool.inspect([file])
        return inspected.thumbnail if inspected.thumbnail and inspected.content_hash == sample.content_hash else None

    def close(self) -> None:
        """End the process; safe to call twice."""
        self._pool.__exit__(None, None, None)
