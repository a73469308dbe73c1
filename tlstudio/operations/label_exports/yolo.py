"""YOLO: images/train, labels/train and so on, and data.yaml with the names of the classes."""

from collections import Counter
from pathlib import Path

import msgspec

from tlstudio.datasets.coco_json import area_of
from tlstudio.datasets.seen import bounds
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Report
from tlstudio.domain.regions import MASK, POLYGON, Region, Shape
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message
from tlstudio.operations.label_exports import Exported, Regions
from tlstudio.operations.label_exports._losses import of_notes, own_label
from tlstudio.operations.label_exports._placing import built, file_names, put_images, put_text

_UNSPLIT = "unsplit"


class YoloExporter:
    """Boxes and simple outlines; all that the format has no place for is told."""

    def write(self, dataset: Dataset, target: Path, *, regions: Regions, link: bool, report: Report) -> Exported:
        """The label of an image without boxes becomes a box over all of it."""
        names = file_names(dataset.ready)
        writer = _Writer(dataset, regions)
        placed = [(sample, f"images/{sample.split or _UNSPLIT}/{names[sample.id]}") for sample in dataset.ready]
        with built(target) as folder:
            put_images(dataset, placed, folder, link=link, report=report)
            for sample in dataset.ready:
                place = folder / "labels" / str(sample.split or _UNSPLIT) / f"{names[sample.id].rpartition('.')[0] or names[sample.id]}.txt"
                place.parent.mkdir(parents=True, exist_ok=True)
                put_text(place, "".join(f"{line}\n" for line in writer.lines(sample)))
            put_text(folder / "data.yaml", _yaml(dataset))
        return Exported(target=target, num_images=len(dataset.ready), losses=(*writer.losses(), *of_notes(dataset.ready, groups=True)))


class _Writer:
    """One file after the other; counts what the format cannot hold."""

    def __init__(self, dataset: Dataset, regions: Regions) -> None:
        self._dataset = dataset
        self._regions = regions
        self._numbers = {item.name: number for number, item in enumerate(dataset.classes)}
        self._lost: Counter[str] = Counter()

    def lines(self, sample: Sample) -> list[str]:
        """The lines of an image."""
        seen = self._regions.get(sample.id, ())
        label = own_label(self._dataset, self._regions, sample)
        if label is not None and not seen:
            self._lost["labels"] += 1
            return [f"{self._numbers[label]} 0.5 0.5 1 1"]
        self._lost["other_labels"] += label is not None
        return [self._line(region, sample) for region in seen]

    def _line(self, region: Region, sample: Sample) -> str:
        shape = region.shape
        self._lost["masks"] += region.kind == MASK
        self._lost["parts"] += len(shape.polygons) > 1
        self._lost["extra"] += bool(shape.extra)
        sides = (sample.width_px, sample.height_px)
        if region.kind == POLYGON:
            part = max(shape.polygons, key=lambda part: _area(part))
            numbers = [value / sides[place % 2] for place, value in enumerate(part)]
        else:
            center = (shape.x + shape.width / 2, shape.y + shape.height / 2)
            numbers = [center[0] / sides[0], center[1] / sides[1], shape.width / sides[0], shape.height / sides[1]]
        return " ".join([str(self._numbers[region.class_name]), *map(_number, numbers)])

    def losses(self) -> list[Message]:
        """In words."""
        told: list[Message] = []
        if number := self._lost["labels"]:
            text = "Labels of images without boxes are boxes over the whole image there: {number}."
            told.append(message("labels.yolo_labels", text, number=number))
        if number := self._lost["other_labels"]:
            text = "Labels of whole images that differ from what is seen in them are not in it: {number}."
            told.append(message("labels.yolo_other_labels", text, number=number))
        if number := self._lost["masks"]:
            told.append(message("labels.yolo_masks", "Masks are the boxes around them there: {number}.", number=number))
        if number := self._lost["parts"]:
            told.append(message("labels.yolo_parts", "Outlines of several parts keep only the largest: {number}.", number=number))
        if number := self._lost["extra"]:
            text = "What is known of single objects besides (difficult, crowd …) is not in it: {number} objects."
            told.append(message("labels.yolo_extra", text, number=number))
        return told


def _area(part: tuple[float, ...]) -> float:
    x, y, width, height = bounds([part])
    return area_of(Shape(x=x, y=y, width=width, height=height, polygons=(part,)))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.17f}".rstrip("0")


def _yaml(dataset: Dataset) -> str:
    """Without a path: programs then take the file's own folder."""
    present = {sample.split for sample in dataset.ready}
    parts = [f"{split}: images/{split}" for split in Split if split in present]
    names = [f"  {number}: {msgspec.json.encode(item.name).decode()}" for number, item in enumerate(dataset.classes)]
    return "\n".join([*parts, f"nc: {len(names)}", "names:" if names else "names: []", *names]) + "\n"
