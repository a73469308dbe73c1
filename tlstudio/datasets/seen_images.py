"""What annotation files say of the images of a listing, gathered; and the class of an image by what is seen in it."""

from collections.abc import Iterable

from tlstudio.datasets.listing import FoundFile, Listing, Reading, SkippedFile
from tlstudio.datasets.named_images import Parts
from tlstudio.datasets.seen import Seen
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

CONTAINERS = frozenset(
    ("images", "image", "img", "imgs", "jpegimages", "photos", "pictures", "data", "obj_train_data", "obj_valid_data", "all")
)
"""Names of folders that only hold images and are no class."""
SURE = 0.94
_UNSURE = 0.5
"""Less than folders that are classes."""


class SeenImages:
    """Collects, image by image, and gives the reading in the end."""

    def __init__(self, listing: Listing) -> None:
        self.skipped: list[SkippedFile] = []
        self.read: set[str] = set()
        """Files that were read; the listing has them as no images."""
        self.remarks: list[Message] = []
        self._listing = listing
        self._seen: dict[Parts, Seen] = {}
        self._labels: dict[Parts, str] = {}
        self._splits: dict[Parts, Split | None] = {}
        self._groups: dict[Parts, str] = {}
        self._notes: dict[Parts, str] = {}

    def __contains__(self, parts: Parts) -> bool:
        return parts in self._seen

    def note(self, parts: Parts, seen: Seen, *, label: str | None = None, group: str | None = None, note: str = "") -> None:
        """What a file says of an image; `label` is the class of the whole image where the file says one, `note` a person's word."""
        self._seen[parts] = seen
        if label is not None:
            self._labels[parts] = label
        if group is not None:
            self._groups[parts] = group
        if note:
            self._notes[parts] = note

    def source_of(self, parts: Parts) -> str:
        """The file that spoke of an image."""
        return self._seen[parts].path

    def put_split(self, parts: Parts, split: Split | None) -> None:
        """The part an image belongs to."""
        self._splits[parts] = split

    def skip(self, path: str, row: int, reason: Message) -> None:
        """An entry of a file that cannot be used; row 0 means all of it."""
        self.skipped.append(SkippedFile(path=path, reason=reason, row=row))

    def reading(self) -> Reading:
        """Splits count where there is training and something to judge by. Images that nothing is said of have no class."""
        given = {split for split in self._splits.values() if split is not None}
        given_splits = Split.TRAIN in given and len(given) > 1
        num_mixed = 0
        files: list[FoundFile] = []
        for parts in self._listing.images:
            seen = self._seen.get(parts)
            label = self._labels.get(parts) or (class_of(seen, parts) if seen is not None else None)
            num_mixed += seen is not None and bool(seen.entries) and label is None
            split = self._splits.get(parts) if given_splits else None
            group, note = self._groups.get(parts), self._notes.get(parts, "")
            files.append(FoundFile(path="/".join(parts), class_name=label, split=split, group=group, note=note, seen=seen))
        if num_mixed:
            self.remarks.append(several_classes(num_mixed))
        return Reading(files=files, given_splits=given_splits, skipped=self.skipped, tables=list(self.read), remarks=self.remarks)


def class_of(seen: Seen, parts: Parts) -> str | None:
    """The class of all that is seen; where there are several, that of the image's folder, should it be one of them."""
    names = {entry.region.class_name for entry in seen.entries}
    if len(names) == 1:
        return next(iter(names))
    return parts[-2] if len(parts) > 1 and parts[-2] in names else None


def coverage_score(listing: Listing, named: Iterable[Parts], *, sure: float = SURE) -> float:
    """`sure` where half of the images are named, or no folder can be a class; else 0.5, so that what is wrong is told where
    nothing else fits.
    """
    if 2 * len(set(named)) >= len(listing.images) or all(_is_container(parts) for parts in listing.images):
        return sure
    return _UNSURE


def _is_container(parts: Parts) -> bool:
    return len(parts) < 2 or parts[-2].lower() in CONTAINERS


def several_classes(number: int) -> Message:
    if number == 1:
        return message("seen.several_classes_one", "1 image shows several classes; it has boxes but no single label.")
    return message("seen.several_classes", "{number} images show several classes; they have boxes but no single label.", number=number)
