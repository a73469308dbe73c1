"""COCO: JSON files that list images, categories and what is seen; each may be one part of the data."""

from tlstudio.datasets import coco_json
from tlstudio.datasets.coco_json import CocoFile, CocoImage
from tlstudio.datasets.listing import Listing, Reading
from tlstudio.datasets.named_images import NamedImages, Parts, split_of_folders, split_of_words
from tlstudio.datasets.seen import Seen
from tlstudio.datasets.seen_images import SeenImages, coverage_score
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

_MAX_LOOKED_AT = 40
"""JSON files; a folder with one for each image is something else."""


class Coco:
    """Files called instances_… come first: COCO's own sets tell the same images again in files of other kinds."""

    def __init__(self) -> None:
        self._read: dict[Parts, CocoFile | Message] = {}

    def score(self, listing: Listing) -> float:
        """By how many of the images the files name."""
        if not self._files(listing):
            return 0.0
        named_images = NamedImages(listing)
        named = set()
        for file, said in self._files(listing).items():
            if isinstance(said, CocoFile):
                found = (named_images.find(image.file_name, near=file[:-1], row=row, hint=_split(file)) for row, image in said.images)
                named |= {parts for parts in found if not isinstance(parts, Message)}
        return coverage_score(listing, named)

    def read(self, listing: Listing) -> Reading:
        """Splits by the words in the files' names (instances_val.json), else by the folders of the files or the images."""
        reader = _CocoReader(listing)
        for file, said in self._files(listing).items():
            reader.take(file, said)
        return reader.images.reading()

    def _files(self, listing: Listing) -> dict[Parts, CocoFile | Message]:
        """Those that may be COCO, read once; those called instances first."""
        if not self._read:
            files = sorted(_json_files(listing), key=lambda parts: (not parts[-1].lower().startswith("instances"), len(parts), parts))
            for file in files[:_MAX_LOOKED_AT]:
                data = listing.table_bytes(file, at_most=coco_json.MAX_JSON_BYTES + 1)
                if coco_json.is_coco(data):
                    self._read[file] = coco_json.parse(data)
        return self._read


class _CocoReader:
    """The files so far."""

    def __init__(self, listing: Listing) -> None:
        self.images = SeenImages(listing)
        self._named = NamedImages(listing)

    def take(self, file: Parts, said: CocoFile | Message) -> None:
        """One file: what it says of which images."""
        path = "/".join(file)
        self.images.read.add(path)
        if isinstance(said, Message):
            self.images.skip(path, 0, said)
            return
        for row, reason in said.problems:
            self.images.skip(path, row, reason)
        split = _split(file)
        num_twice: dict[str, int] = {}
        for row, image in said.images:
            parts = self._named.find(image.file_name, near=file[:-1], row=row, hint=split)
            if isinstance(parts, Message):
                self.images.skip(path, row, parts)
            elif parts in self.images:
                other = self.images.source_of(parts)
                num_twice[other] = num_twice.get(other, 0) + 1
            else:
                self._note(path, parts, image, said)
                self.images.put_split(parts, split or split_of_folders(parts))
        for other, number in num_twice.items():
            text = "Images that {other} speaks of already: {number}; that file counts."
            self.images.skip(path, 0, message("coco.images_twice", text, number=number, other=other))

    def _note(self, path: str, parts: Parts, image: CocoImage, said: CocoFile) -> None:
        labels = set(said.labels.get(image.id, ()))
        note = image.note if isinstance(image.note, str) else ""
        seen = Seen(path=path, entries=tuple(said.entries[image.id]), size_px=image.size_px)
        self.images.note(parts, seen, label=labels.pop() if len(labels) == 1 else None, group=image.group, note=note)


def _json_files(listing: Listing) -> list[Parts]:
    return [parts for parts in listing.notes if parts[-1].lower().endswith(".json")]


def _split(file: Parts) -> Split | None:
    return split_of_words(file[-1]) or split_of_folders(file)
