"""Pascal VOC: an XML file for each image, beside it or in Annotations/, and lists of the parts in ImageSets/Main."""

import posixpath

from tlstudio.datasets import voc_xml
from tlstudio.datasets.label_table import decode
from tlstudio.datasets.listing import MAX_TABLE_BYTES, Listing, Reading
from tlstudio.datasets.named_images import NamedImages, Parts, composed, leads_outside, slashed, split_of_folders
from tlstudio.datasets.seen import Seen
from tlstudio.datasets.seen_images import SeenImages, coverage_score
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

_NUM_SNIFFED = 5
_SNIFFED_BYTES = 4096
_LISTS = {"train": Split.TRAIN, "val": Split.VAL, "test": Split.TEST}


class Voc:
    """Which image a file speaks of is told by its own name, as the benchmark has it, and by <filename> where there is none so called."""

    def score(self, listing: Listing) -> float:
        """Where XML files share their names with images, and some that are looked into are annotations."""
        files = _xml_files(listing)
        looked_at = files[:: max(1, len(files) // _NUM_SNIFFED)][:_NUM_SNIFFED]
        if not any(b"<annotation" in listing.table_bytes(file, at_most=_SNIFFED_BYTES) for file in looked_at):
            return 0.0
        stems = {_stem(file) for file in files}
        named = [parts for parts in listing.images if composed(_stem(parts)) in stems]
        return coverage_score(listing, named, sure=0.93)

    def read(self, listing: Listing) -> Reading:
        """Splits come from the lists, else from folders named train, val and test."""
        reader = _VocReader(listing)
        for file in sorted(_xml_files(listing), key=reader.is_strange):
            reader.take(file)
        reader.divide()
        return reader.images.reading()


class _VocReader:
    """The files so far."""

    def __init__(self, listing: Listing) -> None:
        self.images = SeenImages(listing)
        self._listing = listing
        self._named = NamedImages(listing)

    def is_strange(self, file: Parts) -> bool:
        """Whether no image has the file's own name; those that have one come first."""
        return self._named.of_stem(_stem(file), near=file[:-1]) is None

    def take(self, file: Parts) -> None:
        """One file: what it says of which image."""
        path = "/".join(file)
        said = voc_xml.parse(self._listing.table_bytes(file, at_most=voc_xml.MAX_XML_BYTES + 1))
        if isinstance(said, Message):
            self.images.skip(path, 0, said)
            self.images.read.add(path)
            return
        parts = self._image_of(file, said.filename)
        self.images.read.add(path)
        if isinstance(parts, Message):
            self.images.skip(path, 0, parts)
        elif parts in self.images:
            text = "{other} speaks of the same image; that file counts."
            self.images.skip(path, 0, message("voc.twice", text, other=self.images.source_of(parts)))
        else:
            for row, reason in said.problems:
                self.images.skip(path, row, reason)
            seen = Seen(path=path, entries=said.entries, size_px=said.size_px)
            self.images.note(parts, seen, label=said.label, group=said.group, note=said.note)

    def _image_of(self, file: Parts, filename: str) -> Parts | Message:
        if leads_outside(slashed(filename), file[:-1]):
            return message("voc.outside", "It speaks of {path}, which leads outside the folder; it is refused.", path=filename)
        found = self._named.of_stem(_stem(file), near=file[:-1])
        if found is not None:
            return found
        by_name = self._named.find(filename, near=file[:-1], row=0) if filename else None
        if by_name is None or isinstance(by_name, Message):
            return message("voc.missing", "There is no image {path} in the folder.", path=filename or _stem(file))
        return by_name

    def divide(self) -> None:
        """Give every image the part it is listed in, or the one its folder names."""
        lists = [(table, split) for table in self._listing.tables if (split := _split_of_list(table, self._listing)) is not None]
        if not lists:
            for parts in self._listing.images:
                self.images.put_split(parts, split_of_folders(parts))
        said: dict[Parts, Split] = {}
        for table, split in lists:
            self._take_list(table, split, said)

    def _take_list(self, table: Parts, split: Split, said: dict[Parts, Split]) -> None:
        path = "/".join(table)
        self.images.read.add(path)
        for row, line in enumerate(decode(self._listing.table_bytes(table, at_most=MAX_TABLE_BYTES)).splitlines(), 1):
            name = line.strip()
            if not name:
                continue
            parts = None if "/" in name or "\\" in name else self._named.of_stem(name, near=table[:-3])
            if parts is None:
                self.images.skip(path, row, message("voc.list_missing", "Entry {row}: there is no image {name}.", row=row, name=name))
            elif said.setdefault(parts, split) is not split:
                text = "Entry {row}: {name} is in another list too; it gets no part from them."
                self.images.skip(path, row, message("voc.list_twice", text, row=row, name=name))
                self.images.put_split(parts, None)
            else:
                self.images.put_split(parts, split)


def _xml_files(listing: Listing) -> list[Parts]:
    return [parts for parts in listing.notes if parts[-1].lower().endswith(".xml")]


def _stem(parts: Parts) -> str:
    return composed(posixpath.splitext(parts[-1])[0])


def _split_of_list(table: Parts, listing: Listing) -> Split | None:
    """Lists of a class (`cat_train.txt`) and joined ones (`trainval.txt`, beside which there are train and val) are passed over."""
    if len(table) < 3 or [part.lower() for part in table[-3:-1]] != ["imagesets", "main"]:
        return None
    stem = posixpath.splitext(table[-1])[0].lower()
    if stem == "trainval" and (*table[:-1], "train.txt") not in listing.tables:
        return Split.TRAIN
    return _LISTS.get(stem)
