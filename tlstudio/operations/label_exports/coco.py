"""COCO: images/ and one JSON file a part, `annotations/instances_train.json`."""

from pathlib import Path
from typing import Any

from tlstudio import files
from tlstudio.datasets.coco_json import area_of
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Report
from tlstudio.domain.regions import Region
from tlstudio.domain.samples import Sample
from tlstudio.messages import Message, message
from tlstudio.operations.label_exports import Exported, Regions
from tlstudio.operations.label_exports._losses import own_label
from tlstudio.operations.label_exports._placing import built, file_names, put_images

_UNSPLIT = "unsplit"


class CocoExporter:
    """The only format that holds all there is: boxes, outlines, masks and what their files said besides."""

    def write(self, dataset: Dataset, target: Path, *, regions: Regions, link: bool, report: Report) -> Exported:
        """Labels of whole images stand as entries without a box, as in iNaturalist's files."""
        names = file_names(dataset.ready)
        writer = _Writer(dataset, regions, names)
        documents: dict[str, dict[str, Any]] = {}
        for sample in dataset.ready:
            part = str(sample.split) if sample.split else _UNSPLIT
            writer.add(documents.setdefault(part, writer.new_document()), sample)
        with built(target) as folder:
            put_images(dataset, [(sample, f"images/{names[sample.id]}") for sample in dataset.ready], folder, link=link, report=report)
            (folder / "annotations").mkdir()
            for part, document in documents.items():
                files.write_json(folder / "annotations" / f"instances_{part}.json", document)
        return Exported(target=target, num_images=len(dataset.ready), losses=writer.losses())


class _Writer:
    """Ids go on through all files."""

    def __init__(self, dataset: Dataset, regions: Regions, names: dict[int, str]) -> None:
        self._dataset = dataset
        self._regions = regions
        self._names = names
        self._ids = {item.name: number for number, item in enumerate(dataset.classes, 1)}
        self._num_annotations = 0
        self._num_labels = 0

    def new_document(self) -> dict[str, Any]:
        categories = [{"id": id, "name": name} for name, id in self._ids.items()]
        return {"images": [], "annotations": [], "categories": categories}

    def add(self, document: dict[str, Any], sample: Sample) -> None:
        image = {"id": sample.id, "file_name": self._names[sample.id], "width": sample.width_px, "height": sample.height_px}
        image |= {key: value for key, value in (("group", sample.group), ("note", sample.note)) if value}
        document["images"].append(image)
        label = own_label(self._dataset, self._regions, sample)
        if label is not None:
            self._num_labels += 1
            document["annotations"].append(self._entry(sample, label))
        document["annotations"] += [self._seen(sample, region) for region in self._regions.get(sample.id, ())]

    def _entry(self, sample: Sample, class_name: str) -> dict[str, Any]:
        self._num_annotations += 1
        return {"id": self._num_annotations, "image_id": sample.id, "category_id": self._ids[class_name]}

    def _seen(self, sample: Sample, region: Region) -> dict[str, Any]:
        shape = region.shape
        entry: dict[str, Any] = {"iscrowd": 0, "area": area_of(shape)} | shape.extra | self._entry(sample, region.class_name)
        entry["bbox"] = [shape.x, shape.y, shape.width, shape.height]
        if shape.counts is not None:
            entry["segmentation"] = {"size": shape.size, "counts": shape.counts}
        else:
            entry["segmentation"] = shape.polygons
        return entry

    def losses(self) -> tuple[Message, ...]:
        if not self._num_labels:
            return ()
        text = "Labels of whole images stand as entries without a box: {number}. Not every program reads those."
        return (message("labels.coco_labels", text, number=self._num_labels),)
