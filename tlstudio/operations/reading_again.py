"""Files that could not be read are tried once more: somebody may have put a sound one in their place, or connected the drive."""

from collections.abc import Sequence

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.inspection import Inspected
from tlstudio.domain.commands import Change
from tlstudio.domain.samples import NewSample, Sample
from tlstudio.messages import Message, message
from tlstudio.operations.looks import LookBook
from tlstudio.operations.splitting import split_labelled
from tlstudio.operations.thumbnails import thumbnail_store
from tlstudio.project.project import Project


def read_again(project: Project, sample_ids: Sequence[int]) -> Change:
    """Look at their files as an import does. Those that can be read now take part, with the class their folder gave them; the others
    keep the newest reason. Like an import, it is not undone by a key."""
    dataset = project.dataset()
    samples = [dataset.by_id[id] for id in sample_ids if id in dataset.by_id]
    with DecoderPool(project.settings().intensity) as pool:
        looked = list(zip(samples, pool.inspect(dataset.file_of(sample) for sample in samples), strict=True))
    with thumbnail_store(project) as store:
        store.put({item.content_hash: item.thumbnail for _, item in looked if item.thumbnail})
    LookBook(project).take(item for _, item in looked)
    for root in dataset.roots:
        found = [_as_new(sample, item) for sample, item in looked if sample.root == root.id]
        if found:
            project.add_samples(root, found, given_splits=False)
    readable = [sample.id for sample, item in looked if item.reason is None]
    split_labelled(project, readable)
    return Change(samples=tuple(sample.id for sample in samples), added=True, words=_words(len(readable), len(samples)))


def _as_new(sample: Sample, inspected: Inspected) -> NewSample:
    """What the file says now; class, group and regions stay as they were noted."""
    return NewSample(
        path=sample.path,
        content_hash=inspected.content_hash,
        width_px=inspected.width_px,
        height_px=inspected.height_px,
        format=inspected.format,
        group=inspected.group or None,
        reason=inspected.reason,
    )


def _words(num_readable: int, num: int) -> Message:
    if not num_readable:
        return message("reading_again.none", "None of {number} can be read yet", number=num)
    return message("reading_again.done", "{readable} of {number} can be read now", readable=num_readable, number=num)
