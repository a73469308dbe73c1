"""Images anywhere in a folder and one table that names them: what the table says counts, not the folders."""

import posixpath
import re
import unicodedata
from dataclasses import dataclass, field

from tlstudio.datasets.formats.split_folders import SPLIT_WORDS
from tlstudio.datasets.label_table import Columns, LabelRow, decode, find_columns, read_rows
from tlstudio.datasets.listing import MAX_TABLE_BYTES, FoundFile, Listing, Reading, SkippedFile, tidy_name
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

_HEAD_BYTES = 64 * 1024
_MAX_LOOKED_AT = 20
"""Files by name; a folder of a hundred thousand notes is not searched for headings."""
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")

Parts = tuple[str, ...]


class Table:
    """`labels.csv` with the columns path, label and, where it has them, split and group; paths are relative to the table."""

    def score(self, listing: Listing) -> float:
        """0.95 where the one table names at least half of the images; 0.5, less than folders that are classes, where it names
        fewer, or where there are several tables and none can be preferred.
        """
        tables = _label_tables(listing)
        if len(tables) != 1:
            return 0.5 if tables else 0.0
        ((table, columns),) = tables.items()
        places = _Places(listing, table)
        rows = (row for _, row in read_rows(_text(listing, table), columns) if row is not None)
        named = {places.find(row.path) for row in rows} - {None}
        return 0.95 if named and 2 * len(named) >= len(listing.images) else 0.5

    def read(self, listing: Listing) -> Reading:
        """Images that no usable row names come without class, split and group."""
        tables = _label_tables(listing)
        if len(tables) != 1:
            return _unlabelled(listing, [(table, _several()) for table in tables])
        ((table, columns),) = tables.items()
        if len(listing.table_bytes(table, at_most=MAX_TABLE_BYTES + 1)) > MAX_TABLE_BYTES:
            return _unlabelled(listing, [(table, _too_large())])
        reader = _TableReader(listing, table)
        for number, row in read_rows(_text(listing, table), columns):
            reader.take(number, row)
        files = [reader.found(parts) for parts in listing.images]
        given_splits = any(file.split is not None for file in files)
        return Reading(files=files, given_splits=given_splits, skipped=reader.skipped, tables=["/".join(table)], remarks=reader.remarks())


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What the table says of an image."""

    class_name: str | None
    split: Split | None
    group: str | None
    note: str = field(default="", compare=False)
    """Two rows of one image may differ in it; the first counts."""


class _Places:
    """From a path in the table to the image it names, in whichever way Unicode and slashes are written."""

    def __init__(self, listing: Listing, table: Parts) -> None:
        self._source = listing.source.as_posix().rstrip("/") + "/"
        self._folder = "/".join(table[:-1])
        self._names = {_name_of(parts) for parts in listing.images}

    def find(self, path: str) -> str | None:
        """The image's name in the listing (composed Unicode); None where there is none."""
        tries = (self._inside(text) for text in (path, path.strip(), _slashed(path)))
        return next((name for name in tries if name in self._names), None)

    def is_outside(self, path: str) -> bool:
        """Whether `path` leads out of the source."""
        return self._inside(_slashed(path)) is None

    def _inside(self, text: str) -> str | None:
        """`text`, which is relative to the table, relative to the source; None where it leads out of it."""
        if _ABSOLUTE.match(text):
            if not text.startswith(self._source):
                return None
            joined = posixpath.normpath(text.removeprefix(self._source))
        else:
            joined = posixpath.normpath(posixpath.join(self._folder, text))
        return None if joined == ".." or joined.startswith(("../", "/")) else unicodedata.normalize("NFC", joined)


class _TableReader:
    """The rows so far: what they say of which image, and which cannot be used."""

    def __init__(self, listing: Listing, table: Parts) -> None:
        self.skipped: list[SkippedFile] = []
        self._places = _Places(listing, table)
        self._table = "/".join(table)
        self._said: dict[str, tuple[int, _Said]] = {}
        self._contradicted: set[str] = set()

    def take(self, number: int, row: LabelRow | None) -> None:
        """One row: its word on its image, or a reason why it has none."""
        if row is None:
            text = "Row {row} does not fit the headings; its cells or quotes are not in order."
            self._skip(number, message("table.malformed", text, row=number))
            return
        name = self._places.find(row.path)
        word = row.split.strip()
        if name is None and self._places.is_outside(row.path):
            self._skip(number, message("table.outside", "Row {row}: {path} leads outside the folder.", row=number, path=row.path))
        elif name is None:
            self._skip(number, message("table.missing", "Row {row}: there is no image {path} in the folder.", row=number, path=row.path))
        elif word and word.lower() not in SPLIT_WORDS:
            text = "Row {row}: “{word}” is no split; it must be train, val or test."
            self._skip(number, message("table.split_word", text, row=number, word=word))
        else:
            self._note(number, name, row)

    def _note(self, number: int, name: str, row: LabelRow) -> None:
        class_name = tidy_name(row.label) if row.label.strip() else None
        split = SPLIT_WORDS.get(row.split.strip().lower())
        said = _Said(class_name=class_name, split=split, group=tidy_name(row.group) if row.group.strip() else None, note=row.note.strip())
        before, said_before = self._said.setdefault(name, (number, said))
        if said != said_before:
            self._contradicted.add(name)
            text = "Row {row} says something else of {path} than row {other}; neither is used."
            self._skip(number, message("table.contradiction", text, row=number, path=row.path, other=before))

    def remarks(self) -> list[Message]:
        """An empty label is no mistake: the image has its other words, and somebody will label it."""
        number = sum(said.class_name is None for name, (_, said) in self._said.items() if name not in self._contradicted)
        if number == 1:
            return [message("table.one_waits", "1 image waits for a label.")]
        return [message("table.waiting", "{number} images wait for a label.", number=number)] if number else []

    def found(self, parts: Parts) -> FoundFile:
        """An image of the listing with what is said of it."""
        name = _name_of(parts)
        if name in self._contradicted or name not in self._said:
            return FoundFile(path="/".join(parts))
        _, said = self._said[name]
        return FoundFile(path="/".join(parts), class_name=said.class_name, split=said.split, group=said.group, note=said.note)

    def _skip(self, number: int, reason: Message) -> None:
        self.skipped.append(SkippedFile(path=self._table, reason=reason, row=number))


def _slashed(path: str) -> str:
    return path.strip().replace("\\", "/")


def _name_of(parts: Parts) -> str:
    """An image's path in composed Unicode, for comparing."""
    return unicodedata.normalize("NFC", "/".join(parts))


def _label_tables(listing: Listing) -> dict[Parts, Columns]:
    """The tables whose headings name images and labels; the likely ones are looked at, those at the top first."""
    likely = sorted(listing.tables, key=lambda parts: (parts[-1].lower().endswith(".txt"), len(parts), parts))
    found = {table: find_columns(decode(listing.table_bytes(table, at_most=_HEAD_BYTES))) for table in likely[:_MAX_LOOKED_AT]}
    return {table: columns for table, columns in found.items() if columns is not None}


def _text(listing: Listing, table: Parts) -> str:
    return decode(listing.table_bytes(table, at_most=MAX_TABLE_BYTES))


def _unlabelled(listing: Listing, unused: list[tuple[Parts, Message]]) -> Reading:
    """All images as they are, where no table can be believed."""
    skipped = [SkippedFile(path="/".join(table), reason=reason, row=0) for table, reason in unused]
    files = [FoundFile(path="/".join(parts)) for parts in listing.images]
    return Reading(files=files, skipped=skipped, tables=[item.path for item in skipped])


def _several() -> Message:
    return message("table.several", "Several tables here name images; keep the one that counts and import again.")


def _too_large() -> Message:
    limit = MAX_TABLE_BYTES // (1024 * 1024)
    return message("table.too_large", "This table is larger than {limit} MB and was not read; divide the folder.", limit=limit)
