"""Pascal VOC: JPEGImages/, an XML file for each image in Annotations/, and the parts as lists in ImageSets/Main."""

import math
import re
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import msgspec

from tlstudio.datasets.voc_xml import value_of
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Report
from tlstudio.domain.regions import BOX, Region
from tlstudio.domain.samples import Sample
from tlstudio.messages import Message, message
from tlstudio.operations.label_exports import Exported, Regions
from tlstudio.operations.label_exports._losses import of_classes, own_label
from tlstudio.operations.label_exports._placing import built, file_names, put_images, put_text

_TAG = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_OWN_TAGS = frozenset(("name", "bndbox"))
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class VocExporter:
    """Outlines and masks become the boxes around them."""

    def write(self, dataset: Dataset, target: Path, *, regions: Regions, link: bool, report: Report) -> Exported:
        """Labels of whole images and groups stand in elements of our own, <label> and <group>."""
        names = file_names(dataset.ready)
        writer = _Writer(dataset, regions)
        with built(target) as folder:
            put_images(dataset, [(sample, f"JPEGImages/{names[sample.id]}") for sample in dataset.ready], folder, link=link, report=report)
            lists = folder / "ImageSets" / "Main"
            lists.mkdir(parents=True)
            (folder / "Annotations").mkdir()
            for sample in dataset.ready:
                text = writer.file(sample, names[sample.id])
                put_text(folder / "Annotations" / f"{_stem(names[sample.id])}.xml", text)
            for part in sorted({sample.split for sample in dataset.ready if sample.split}):
                listed = "".join(f"{_stem(names[sample.id])}\n" for sample in dataset.ready if sample.split is part)
                put_text(lists / f"{part}.txt", listed)
        return Exported(
            target=target,
            num_images=len(dataset.ready),
            losses=(*writer.losses(), *of_classes(dataset, dataset.ready, regions)),
            renamed=writer.renamed,
        )


class _Writer:
    """One file after the other; counts what the format cannot hold."""

    def __init__(self, dataset: Dataset, regions: Regions) -> None:
        self.renamed: dict[str, str] = {}
        self._dataset = dataset
        self._regions = regions
        self._lost: Counter[str] = Counter()

    def file(self, sample: Sample, name: str) -> str:
        """The XML of an image."""
        label = own_label(self._dataset, self._regions, sample)
        self._lost["labels"] += label is not None
        own = (("label", self._named(label) if label else ""), ("group", sample.group or ""), ("note", sample.note))
        lines = [
            "<annotation>",
            "\t<folder>JPEGImages</folder>",
            f"\t<filename>{_text(name)}</filename>",
            f"\t<size><width>{sample.width_px}</width><height>{sample.height_px}</height><depth>3</depth></size>",
            *(f"\t<{tag}>{_text(said)}</{tag}>" for tag, said in own if said),
            *(self._object(region) for region in self._regions.get(sample.id, ())),
            "</annotation>",
        ]
        return "\n".join(lines) + "\n"

    def _object(self, region: Region) -> str:
        shape = region.shape
        self._lost["shapes"] += region.kind != BOX
        corners = zip(("xmin", "ymin", "xmax", "ymax"), (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height), strict=True)
        box = "".join(f"<{tag}>{_number(value)}</{tag}>" for tag, value in corners)
        extra = "".join(self._extra(tag, value) for tag, value in shape.extra.items())
        return f"\t<object><name>{_text(self._named(region.class_name))}</name>{extra}<bndbox>{box}</bndbox></object>"

    def _extra(self, tag: str, value: object) -> str:
        said = _said(value)
        if said is None or not _TAG.fullmatch(tag) or tag in _OWN_TAGS:
            self._lost["extra"] += 1
            return ""
        return f"<{tag}>{_text(said)}</{tag}>"

    def _named(self, name: str) -> str:
        held = _NOT_IN_XML.sub(" ", name)
        if held != name:
            self.renamed[name] = held
        return held

    def losses(self) -> tuple[Message, ...]:
        """In words."""
        told: list[Message] = []
        if number := self._lost["shapes"]:
            told.append(message("labels.voc_shapes", "Outlines and masks are the boxes around them there: {number}.", number=number))
        if number := self._lost["extra"]:
            told.append(message("labels.voc_extra", "Fields of single objects that Pascal VOC has no place for: {number}.", number=number))
        if number := self._lost["labels"]:
            text = "Labels of whole images stand in an element <label>, which other programs pass over: {number}."
            told.append(message("labels.voc_labels", text, number=number))
        return tuple(told)


def _said(value: object) -> str | None:
    """A number or a text as it is read again; None for what is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        return value if value and value == value.strip() and value_of(value) == value else msgspec.json.encode(value).decode()
    said = repr(value)
    return said if value_of(said) == value else None


def _number(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def _text(said: str) -> str:
    return escape(_NOT_IN_XML.sub(" ", said), {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
