"""Ways to hand a project's labels to other programs: one file each, one row each.

Every exporter leaves its target whole or not at all, and refuses one that already holds something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Report
from tlstudio.domain.regions import Region
from tlstudio.errors import TLStudioError
from tlstudio.lazy import resolve
from tlstudio.messages import Message, message

Regions = Mapping[int, tuple[Region, ...]]


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What came of it. Images that are set aside take no part and are not exported either, which `losses` tells."""

    target: Path
    num_images: int
    num_left_out: int = 0
    """Ready images that the format has no place for, such as those without a class."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Names of classes that the format cannot have, and what they are called instead."""
    renamed_groups: dict[str, str] = field(default_factory=dict)
    """The same of groups, which may be named like a class."""
    losses: tuple[Message, ...] = ()
    """What is known of the images and is not in it, or not as other programs expect it."""
    was_stopped: bool = False
    """Nothing is at `target` then."""

    def renamed_words(self) -> tuple[Message, ...]:
        """What is called otherwise there, in words."""
        names = [*self.renamed.items(), *self.renamed_groups.items()]
        return tuple(message("labels.renamed", "{name} is called {other} there.", name=name, other=other) for name, other in names)


class LabelExporter(Protocol):
    """What the object behind a row can do."""

    def write(self, dataset: Dataset, target: Path, *, regions: Regions, link: bool, report: Report) -> Exported:
        """Write everything to `target`; `regions` by sample. Raises `OSError` where the disk does not allow it, else `TLStudioError`."""
        ...


class LabelExporterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row of LABEL_EXPORTERS."""

    id: str
    title: Message
    sentence: Message
    exporter: str
    """"package.module:Name" of a `LabelExporter` without arguments."""
    suffix: str = ""
    """Of the file it writes; nothing where it writes a folder."""
    can_link: bool = False
    """Whether it hands over images, which may be links instead of copies."""


LABEL_EXPORTERS: dict[str, LabelExporterSpec] = {
    spec.id: spec
    for spec in (
        LabelExporterSpec(
            id="csv",
            title=message("labels.csv.title", "Table (CSV)"),
            sentence=message("labels.csv", "a table with path, label, split, group and note"),
            exporter="tlstudio.operations.label_exports.table:TableExporter",
            suffix=".csv",
        ),
        LabelExporterSpec(
            id="folders",
            title=message("labels.folders.title", "Class folders"),
            sentence=message("labels.folders", "the images in class folders inside train, val and test"),
            exporter="tlstudio.operations.label_exports.folders:FolderExporter",
            can_link=True,
        ),
        LabelExporterSpec(
            id="coco",
            title=message("labels.coco.title", "COCO"),
            sentence=message("labels.coco", "the images, and boxes, outlines and masks as COCO's JSON"),
            exporter="tlstudio.operations.label_exports.coco:CocoExporter",
            can_link=True,
        ),
        LabelExporterSpec(
            id="voc",
            title=message("labels.voc.title", "Pascal VOC"),
            sentence=message("labels.voc", "the images, and boxes as Pascal VOC's XML"),
            exporter="tlstudio.operations.label_exports.voc:VocExporter",
            can_link=True,
        ),
        LabelExporterSpec(
            id="yolo",
            title=message("labels.yolo.title", "YOLO"),
            sentence=message("labels.yolo", "the images, and boxes and outlines as YOLO's texts"),
            exporter="tlstudio.operations.label_exports.yolo:YoloExporter",
            can_link=True,
        ),
    )
}


def load(spec: LabelExporterSpec) -> LabelExporter:
    """The object behind a row."""
    return cast(LabelExporter, resolve(spec.exporter)())


def taken(target: Path) -> TLStudioError:
    """Something is there that must not be lost or mixed with."""
    return TLStudioError(
        message("labels.taken", "There is something at {target} already.", target=str(target)),
        message("labels.taken.hint", "Nothing was written. Choose a new name, or move what is there away first."),
    )
