"""What the start page shows, gathered in the background: recent projects, a few of their pictures, the sample."""

import itertools
import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from tlstudio import paths
from tlstudio.domain.progress import Report, Stop
from tlstudio.operations import projects
from tlstudio.project.recents import RecentProject
from tlstudio.ui.jpegs import from_jpeg
from tlstudio.ui.start.viewmodel import NUM_RECENT, CardView, recent_card
from tlstudio.ui.thumbnails import Wish, cut
from tlstudio.ui.words import tr

PICTURE_PX = 104
_NUM_PICTURES = 4
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")


def load_cards(_report: Report, stop: Stop) -> list[CardView]:
    """The sample, where it is installed, then the recent projects."""
    sample = paths.resources() / "sample"
    sample_project = str(paths.projects_dir() / projects.SAMPLE_NAME)
    cards = [_sample_card(sample)] if sample.is_dir() else []
    for recent in projects.recent_projects():
        if stop.is_set() or len(cards) > NUM_RECENT:
            break
        if not (cards and recent.path == sample_project):
            cards.append(recent_card(recent, _stored_pictures(recent), now=time.time()))
    return cards


def _sample_card(folder: Path) -> CardView:
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    num_images = sum(1 for path in folder.rglob("*") if path.suffix.lower() in _PICTURE_SUFFIXES)
    return CardView(
        title=tr("Open the sample"),
        line=tr("{classes} kinds of particle, {images} images, ready to train", classes=len(folders), images=num_images),
        badge=tr("sample"),
        path=None,
        images=tuple(itertools.chain.from_iterable(_pictures_of(path) for path in folders[:_NUM_PICTURES])),
    )


def _pictures_of(folder: Path) -> list[QImage]:
    """One picture of ours; it ships with the program, so it may be decoded here."""
    file = next((path for path in sorted(folder.iterdir()) if path.suffix.lower() in _PICTURE_SUFFIXES), None)
    image = QImage(str(file)) if file is not None else QImage()
    return [] if image.isNull() else [_small(image)]


def _stored_pictures(recent: RecentProject) -> tuple[QImage, ...]:
    file = paths.cache_dir() / "thumbnails" / f"{recent.id}.sqlite"
    if not recent.thumbnails or not file.exists():
        return ()
    from tlstudio.datasets.thumbnails import ThumbnailStore

    with ThumbnailStore(file) as store:
        found = [from_jpeg(data) for key in recent.thumbnails[:_NUM_PICTURES] if (data := store.get(key))]
    return tuple(_small(image) for image in found if not image.isNull())


def _small(image: QImage) -> QImage:
    return cut(image.convertToFormat(QImage.Format.Format_RGB32), Wish("", PICTURE_PX, "square", 12)).scaled(
        PICTURE_PX, PICTURE_PX, Qt.AspectRatioMode.IgnoreAspectRatio
    )
