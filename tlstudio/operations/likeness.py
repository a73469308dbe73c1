"""The images of a project in a row in which neighbours look alike, so that a class can be chosen in stripes."""

import numpy as np

from tlstudio.datasets.likeness import row_of
from tlstudio.datasets.looks import Looks, look_of
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.messages import message
from tlstudio.operations.thumbnails import thumbnail_store
from tlstudio.project.project import Project

_TELL_EVERY = 64


def places_by_likeness(project: Project, dataset: Dataset, *, report: Report = ignore, stop: Stop | None = None) -> dict[str, int] | None:
    """The place of each image in that row, by content hash; None where it was stopped.

    By their stored thumbnails, so that no file is opened; an image that has none has no place.
    """
    looks = _looks(project, dataset, report, stop)
    if looks is None:
        return None
    names = list(looks)
    what = message("likeness.order", "Ordering images by similarity")
    stacked = np.stack(list(looks.values())) if looks else np.empty((0, 0), np.float32)
    row = row_of(stacked, tell=lambda done: report(Progress(what=what, done=done, total=len(names))), stop=stop)
    return None if row is None else {names[index]: place for place, index in enumerate(row)}


def _looks(project: Project, dataset: Dataset, report: Report, stop: Stop | None) -> dict[str, Looks] | None:
    what = message("likeness.look", "Looking at images")
    wanted = dict.fromkeys(sample.content_hash for sample in dataset.samples if sample.content_hash and sample.width_px)
    looks: dict[str, Looks] = {}
    with thumbnail_store(project) as store:
        for done, name in enumerate(wanted):
            if done % _TELL_EVERY == 0:
                report(Progress(what=what, done=done, total=len(wanted)))
                if stop is not None and stop.is_set():
                    return None
            jpeg = store.get(name)
            if jpeg is not None:
                looks[name] = look_of(jpeg)
    return looks
