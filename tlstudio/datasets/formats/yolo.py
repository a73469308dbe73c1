"""YOLO: a text file for each image, in labels/ where the image is in images/, or beside it; names in data.yaml or a list."""

import posixpath
from collections.abc import Iterator, Mapping

from tlstudio.datasets import yolo_lines, yolo_yaml
from tlstudio.datasets.formats.split_folders import SPLIT_WORDS
from tlstudio.datasets.label_table import decode
from tlstudio.datasets.listing import MAX_TABLE_BYTES, Listing, Reading, tidy_name
from tlstudio.datasets.named_images import NamedImages, Parts, composed, leads_outside, slashed, split_of_folders
from tlstudio.datasets.seen import Seen
from tlstudio.datasets.seen_images import SeenImages, coverage_score
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

_NUM_SNIFFED = 20
_SNIFFED_BYTES = 4096
_NAME_LISTS = ("classes.txt", "obj.names")


class Yolo:
    """Which text belongs to which image is told by their names alone."""

    def score(self, listing: Listing) -> float:
        """Where images have their texts, and all of those that are looked into are YOLO's."""
        if not listing.tables:
            return 0.0
        twins = _twins(listing)
        step = max(1, len(twins) // _NUM_SNIFFED)
        heads = [decode(listing.table_bytes(text, at_most=_SNIFFED_BYTES)) for text in list(twins.values())[::step]]
        if not any(head.strip() for head in heads) or not all(map(yolo_lines.looks_right, heads)):
            return 0.0
        return coverage_score(listing, twins, sure=0.92)

    def read(self, listing: Listing) -> Reading:
        """Splits by data.yaml, else by folders named train, val and test."""
        reader = _YoloReader(listing)
        reader.take_names()
        reader.take_labels()
        reader.divide()
        return reader.images.reading()


class _YoloReader:
    """The files so far."""

    def __init__(self, listing: Listing) -> None:
        self.images = SeenImages(listing)
        self._listing = listing
        self._named = NamedImages(listing)
        self._yaml: tuple[Parts, yolo_yaml.YoloData] | None = None
        self._names: Mapping[int, str] | None = None
        self._twins = _twins(listing)

    def take_names(self) -> None:
        """The classes: of data.yaml, else of a list, else their numbers."""
        for file in _yaml_files(self._listing):
            path = "/".join(file)
            said = yolo_yaml.parse(decode(self._listing.table_bytes(file, at_most=yolo_yaml.MAX_YAML_BYTES)))
            self.images.read.add(path)
            if isinstance(said, Message):
                self.images.skip(path, 0, said)
            elif said.names and self._yaml is None:
                for row, reason in said.problems:
                    self.images.skip(path, row, reason)
                self._yaml, self._names = (file, said), {number: tidy_name(name) for number, name in said.names.items() if name.strip()}
        if self._names is None:
            self._names = self._listed_names()
        if self._names is None:
            self.images.remarks.append(message("yolo.no_names", "No file names the classes; they are called by their numbers."))

    def _listed_names(self) -> dict[int, str] | None:
        for file in _name_lists(self._listing):
            self.images.read.add("/".join(file))
            lines = decode(self._listing.table_bytes(file, at_most=yolo_yaml.MAX_YAML_BYTES)).splitlines()
            return {number: tidy_name(line) for number, line in enumerate(lines) if line.strip()}
        return None

    def take_labels(self) -> None:
        """Each image's text."""
        only_boxes = self._yaml is not None and self._yaml[1].has_keypoints
        if only_boxes:
            self.images.remarks.append(message("yolo.keypoints", "The labels hold key points; only their boxes are kept."))
        for parts, file in self._twins.items():
            path = "/".join(file)
            self.images.read.add(path)
            text = decode(self._listing.table_bytes(file, at_most=yolo_lines.MAX_LINES_BYTES))
            entries, problems = yolo_lines.parse(text, self._names, only_boxes=only_boxes)
            for row, reason in problems:
                self.images.skip(path, row, reason)
            self.images.note(parts, Seen(path=path, entries=tuple(entries), is_relative=True))
        known = {*self._twins.values(), *_name_lists(self._listing)}
        for file in self._listing.tables:
            if _is_in_labels(file) and file not in known:
                self.images.skip("/".join(file), 0, message("yolo.missing", "There is no image of this name in the folder."))

    def divide(self) -> None:
        """Give every image its part."""
        by_path = dict(self._said_parts()) if self._yaml is not None else {}
        for parts in self._listing.images:
            self.images.put_split(parts, by_path.get(parts) or split_of_folders(parts))

    def _said_parts(self) -> Iterator[tuple[Parts, Split]]:
        """What data.yaml says: folders of images, or lists of them."""
        assert self._yaml is not None
        file, said = self._yaml
        path = "/".join(file)
        for word, place, row in said.parts:
            text = slashed(posixpath.join(slashed(said.path), slashed(place)) if said.path else place)
            if leads_outside(text, file[:-1]) and said.path:
                text = slashed(place)  # `path` is the author's own disk more often than not; the rest may hold without it
            if leads_outside(text, file[:-1]):
                reason = "Entry {row}: {path} leads outside the folder; it is refused, and the names of folders count."
                self.images.skip(path, row, message("yolo.outside", reason, row=row, path=place))
                continue
            folder = tuple(posixpath.normpath("/".join((*file[:-1], text))).split("/"))
            if text.lower().endswith(".txt"):
                yield from self._listed(folder, SPLIT_WORDS[word])
            else:
                depth = 0 if folder == (".",) else len(folder)
                yield from ((parts, SPLIT_WORDS[word]) for parts in self._listing.images if parts[:depth] == folder[:depth])

    def _listed(self, table: Parts, split: Split) -> Iterator[tuple[Parts, Split]]:
        if table not in self._listing.tables:
            return
        path = "/".join(table)
        self.images.read.add(path)
        for row, line in enumerate(decode(self._listing.table_bytes(table, at_most=MAX_TABLE_BYTES)).splitlines(), 1):
            found = self._named.find(line, near=table[:-1], row=row) if line.strip() else None
            if isinstance(found, Message):
                self.images.skip(path, row, found)
            elif found is not None:
                yield found, split


def _twins(listing: Listing) -> dict[Parts, Parts]:
    """Each image's text: labels/… for images/…, else beside it."""
    texts = {_key(parts): parts for parts in listing.tables if parts[-1].lower().endswith(".txt")}
    found: dict[Parts, Parts] = {}
    for parts in listing.images:
        folders, key = parts[:-1], _key(parts)
        if "images" in folders:
            place = len(folders) - 1 - folders[::-1].index("images")
            text = texts.get(_key((*folders[:place], "labels", *parts[place + 1 :])))
        else:
            text = None
        text = text or texts.get(key)
        if text is not None:
            found[parts] = text
    return found


def _key(parts: Parts) -> str:
    return composed(posixpath.splitext("/".join(parts))[0])


def _is_in_labels(file: Parts) -> bool:
    return file[-1].lower().endswith(".txt") and "labels" in file[:-1]


def _yaml_files(listing: Listing) -> list[Parts]:
    found = [parts for parts in listing.notes if parts[-1].lower().endswith((".yaml", ".yml"))]
    return sorted(found, key=lambda parts: (len(parts), parts[-1].lower() not in ("data.yaml", "dataset.yaml"), parts))[:_NUM_SNIFFED]


def _name_lists(listing: Listing) -> list[Parts]:
    found = [parts for parts in listing.tables if parts[-1].lower() in _NAME_LISTS]
    found += [parts for parts in listing.notes if parts[-1].lower().endswith(".names")]
    return sorted(found, key=lambda parts: (len(parts), parts))
