"""What a format cannot hold, in words that an export hands back."""

from collections.abc import Iterable, Sequence

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message
from tlstudio.operations.label_exports import Regions

_MOST_NAMES = 20


def of_set_aside(dataset: Dataset) -> list[Message]:
    """For every format: what takes no part is not handed over, with all that is said of it."""
    number = len(dataset.set_aside)
    text = "Images that are set aside are not in it: {number}."
    return [message("labels.lost_aside", text, number=number)] if number else []


def of_away(away: Sequence[Sample]) -> list[Message]:
    """For formats that hand the images over."""
    names = ", ".join(sample.path for sample in away[:_MOST_NAMES]) + (" …" if len(away) > _MOST_NAMES else "")
    text = "Images whose files are not there, or cannot be read, are not in it: {number} ({names})."
    return [message("labels.lost_away", text, number=len(away), names=names)] if away else []


def of_regions(regions: Regions, samples: Iterable[Sample]) -> list[Message]:
    """For formats of labels alone."""
    number = sum(len(regions.get(sample.id, ())) for sample in samples)
    text = "Boxes, outlines and masks are not in it: {number}. COCO holds them all."
    return [message("labels.lost_regions", text, number=number)] if number else []


def of_notes(samples: Iterable[Sample], *, groups: bool = False) -> list[Message]:
    """For formats without a place for notes, or for groups either."""
    samples = list(samples)
    num_notes, num_groups = sum(bool(sample.note) for sample in samples), sum(bool(sample.group) for sample in samples)
    lost = [message("labels.lost_notes", "Notes are not in it: {number}.", number=num_notes)] if num_notes else []
    if groups and num_groups:
        lost.append(message("labels.lost_groups", "Which images belong to one group is not in it: {number} images.", number=num_groups))
    return lost


def of_classes(dataset: Dataset, samples: Iterable[Sample], regions: Regions | None = None) -> list[Message]:
    """For formats that know a class only by what is of it. `regions`: where the format holds them."""
    samples = list(samples)
    used = {dataset.class_by_id[sample.class_id].name for sample in samples if sample.class_id}
    used |= {item.class_name for sample in samples for item in (regions or {}).get(sample.id, ())}
    unused = [item.name for item in dataset.classes if item.name not in used]
    text = "Classes of which there is nothing are not in it: {names}."
    return [message("labels.lost_classes", text, names=", ".join(unused[:_MOST_NAMES]))] if unused else []


def of_parts(samples: Iterable[Sample]) -> list[Message]:
    """For class folders inside the parts: without training and another part, readers take the parts for classes."""
    parts = {sample.split for sample in samples}
    if not parts or (Split.TRAIN in parts and len(parts) > 1):
        return []
    text = "All images in it are of {part}; read again, folders of one part are taken for classes."
    return [message("labels.one_part", text, part=" and ".join(sorted(str(part) for part in parts)))]


def own_label(dataset: Dataset, regions: Regions, sample: Sample) -> str | None:
    """The class of the whole image, where it is not simply that of all that is seen in it."""
    name = dataset.class_by_id[sample.class_id].name if sample.class_id else None
    return None if {name} == {item.class_name for item in regions.get(sample.id, ())} else name
