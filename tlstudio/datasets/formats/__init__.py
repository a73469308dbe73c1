"""Ways a data set can lie in a folder: one file each, one row each; the row that fits best reads it."""

from typing import Protocol

import msgspec

from tlstudio.datasets.listing import Listing, Reading
from tlstudio.messages import Message, message


class DatasetFormat(Protocol):
    """What the object behind a row can do. Both only look at the listing: no image is opened, and of other files only the
    bytes of tables and annotations that `Listing.table_bytes` offers, for what they say cannot be known from their names.
    One object scores and reads one listing.
    """

    def score(self, listing: Listing) -> float:
        """0 (cannot be this) to 1 (surely this)."""
        ...

    def read(self, listing: Listing) -> Reading:
        """Every image of the listing with its class, split and group; what of the data could not be used, with reasons."""
        ...


class FormatSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row of FORMATS."""

    id: str
    title: Message
    format: str
    """"package.module:Name" of a `DatasetFormat` without arguments."""


FORMATS: tuple[FormatSpec, ...] = (
    FormatSpec(
        id="table",
        title=message("format.table", "Images and a table of their labels"),
        format="tlstudio.datasets.formats.table:Table",
    ),
    FormatSpec(
        id="coco",
        title=message("format.coco", "Images and COCO annotations"),
        format="tlstudio.datasets.formats.coco:Coco",
    ),
    FormatSpec(
        id="voc",
        title=message("format.voc", "Images and Pascal VOC annotations"),
        format="tlstudio.datasets.formats.voc:Voc",
    ),
    FormatSpec(
        id="yolo",
        title=message("format.yolo", "Images and YOLO labels"),
        format="tlstudio.datasets.formats.yolo:Yolo",
    ),
    FormatSpec(
        id="mask_folders",
        title=message("format.mask_folders", "Images and a folder of their masks"),
        format="tlstudio.datasets.formats.mask_folders:MaskFolders",
    ),
    FormatSpec(
        id="split_folders",
        title=message("format.split_folders", "Class folders inside train, val and test"),
        format="tlstudio.datasets.formats.split_folders:SplitFolders",
    ),
    FormatSpec(
        id="class_folders",
        title=message("format.class_folders", "One folder for each class"),
        format="tlstudio.datasets.formats.class_folders:ClassFolders",
    ),
    FormatSpec(
        id="file_names",
        title=message("format.file_names", "One folder of images with the classes in their names"),
        format="tlstudio.datasets.formats.file_names:FileNames",
    ),
    FormatSpec(
        id="flat",
        title=message("format.flat", "One folder of images without classes"),
        format="tlstudio.datasets.formats.flat:Flat",
    ),
)
