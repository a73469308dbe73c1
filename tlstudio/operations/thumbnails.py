"""The thumbnails of a project: where they are kept, and how missing ones are made again."""

from collections.abc import Sequence

import msgspec

from tlstudio import paths
from tlstudio.datasets.decode import DECODER_VERSION
from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.thumbnails import ThumbnailStore
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.domain.samples import Sample
from tlstudio.messages import message
from tlstudio.project.project import Project

_BATCH = 32


def thumbnail_store(project: Project) -> ThumbnailStore:
    """Open the project's store; close it when done. Never raises: an unusable cache folder is replaced by memory."""
    rule = msgspec.json.encode(project.settings().intensity).decode()
    return ThumbnailStore(paths.cache_dir() / "thumbnails" / f"{project.id}.sqlite", key=f"{DECODER_VERSION} {rule}")


def make_missing(
    project: Project, store: ThumbnailStore, samples: Sequence[Sample], *, report: Report = ignore, stop: Stop | None = None
) -> int:
    """Make the thumbnails of `samples` that `store` lacks (a cleared cache, another machine); returns how many were made.

    Files that changed since the import get none: their pixels would not be those the project speaks of.
    """
    wanted = {sample.content_hash: sample for sample in samples if sample.content_hash and sample.width_px}
    missing = store.missing(list(wanted))
    if not missing:
        return 0
    dataset = project.dataset()
    num_made, batch = 0, {}
    with DecoderPool(project.settings().intensity) as pool:
        for done, (content_hash, inspected) in enumerate(
            zip(missing, pool.inspect(dataset.file_of(wanted[item]) for item in missing), strict=True), 1
        ):
            if inspected.thumbnail and inspected.content_hash == content_hash:
                batch[content_hash] = inspected.thumbnail
            if len(batch) == _BATCH:
                num_made += _keep(store, batch)
                report(Progress(what=message("thumbnails.progress", "Making previews"), done=done, total=len(missing)))
            if stop is not None and stop.is_set():
                break
    return num_made + _keep(store, batch)


def _keep(store: ThumbnailStore, batch: dict[str, bytes]) -> int:
    number = len(batch)
    store.put(batch)
    batch.clear()
    return number
