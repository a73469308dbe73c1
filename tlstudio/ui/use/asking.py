"""What the Use panel does in the background: look at dropped files, ask a run about them, keep what was pasted."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from tlstudio import files, paths
from tlstudio.datasets.decoder import DecoderPool
from tlstudio.domain.runs import Run
from tlstudio.domain.serving import Answers
from tlstudio.jobs.warm import WarmWorker
from tlstudio.operations.predicting import predict_images
from tlstudio.project.project import Project
from tlstudio.ui.jpegs import from_jpeg

_KEEP_PASTED_S = 24 * 3600.0


@dataclass(frozen=True)
class Preview:
    """The small picture of a dropped file; none where it cannot be read."""

    file: Path
    image: QImage | None


def previews(project: Project, dropped: Sequence[Path]) -> list[Preview]:
    """Small pictures, made in the decoder process by the same rule as for the project's own images."""
    with DecoderPool(project.settings().intensity, workers=1) as pool:
        return [Preview(item.path, _image(item.thumbnail)) for item in pool.inspect(dropped)]


def ask(project: Project, run: Run, dropped: Sequence[Path], warm: WarmWorker | None) -> Answers:
    """What `run` says of the files. Where no worker is kept warm, one is started for this. Raises `TLStudioError`."""
    if warm is not None:
        return predict_images(project, run, dropped, warm)
    cold = WarmWorker(paths.log_dir())
    try:
        return predict_images(project, run, dropped, cold)
    finally:
        cold.close()


def keep_pasted(image: QImage) -> Path:
    """A pasted picture as a file of its own in the cache; those of yesterday go. Raises `OSError`."""
    folder = paths.cache_dir() / "pasted"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        if time.time() - old.stat().st_mtime > _KEEP_PASTED_S:
            old.unlink(missing_ok=True)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    file = folder / f"pasted {time.strftime('%H-%M-%S')} {time.time_ns() % 10**6:06d}.png"
    files.write_bytes(file, bytes(buffer.data().data()))
    return file


def _image(data: bytes) -> QImage | None:
    image = from_jpeg(data)
    return None if image.isNull() else image
