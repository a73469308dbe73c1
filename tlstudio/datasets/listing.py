"""What lies in a folder: a walk that no link loop can hang and that accounts for every file it leaves out."""

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tlstudio.datasets import kinds
from tlstudio.datasets.seen import Seen
from tlstudio.domain.progress import Stop
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

IMAGE_SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp", ".avif"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".jp2", ".j2k", ".jpx", ".dcm", ".dicom"),
    )
)
TABLE_SUFFIXES = (".csv", ".tsv", ".txt")
NOTE_SUFFIXES = (".xml", ".json", ".yaml", ".yml", ".names")
"""Of files that may say what is seen in the images."""
MAX_TABLE_BYTES = 32 * 1024 * 1024
"""A table of a hundred thousand labels has about ten million bytes."""
_RAW_SUFFIXES = frozenset([".dng", ".nef", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw"])
_SYSTEM_NAMES = frozenset(("thumbs.db", "desktop.ini", "icon\r", "ehthumbs.db", "dicomdir"))
_SYSTEM_FOLDERS = frozenset(("__macosx", "$recycle.bin", "system volume information"))

_NOT_AN_IMAGE = message("scan.not_an_image", "Not an image.")


@dataclass(frozen=True, kw_only=True)
class MaskFiles:
    """Images whose pixels say what is seen in another one; they are decoded later, like every foreign image."""

    paths: tuple[str, ...]
    """Relative to the source, with forward slashes."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Of classes by the value of their pixels, where a table says them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """One image, not opened yet. `path` is relative to the source, with forward slashes."""

    path: str
    class_name: str | None = None
    split: Split | None = None
    group: str | None = None
    note: str = ""
    seen: Seen | None = None
    """Boxes, outlines and masks in it; None where nothing is said."""
    masks: MaskFiles | None = None
    """Files that are still to be decoded for `seen` and `class_name`."""


@dataclass(frozen=True, kw_only=True)
class SkippedFile:
    """A file, a folder or a row of a table that is left out, and why. `path` is for people: undecodable bytes are replaced."""

    path: str
    reason: Message
    row: int | None = None
    """Where a row of the table at `path` is meant: its number as a spreadsheet counts, the headings being row 1;
    in other files the number of the entry or line, from 1; 0 means all of the file."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a format makes of a listing."""

    files: list[FoundFile]
    """Every image of the listing, in its order, but for those that `skipped` tells."""
    given_splits: bool = False
    """Whether the data came divided."""
    skipped: list[SkippedFile] = field(default_factory=list)
    """What of the data could not be used, beside what the listing left out."""
    tables: list[str] = field(default_factory=list)
    """Files that are no images but were read all the same."""
    remarks: list[Message] = field(default_factory=list)
    """What should be said once of how the data was understood."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`images`: sorted paths as parts relative to the source, such as ("train", "bees", "1.jpg"). `tables`: likewise, what
    may be a table by its name, and `notes` what may be annotations; each is in `skipped` too, for it is no image.

    `prefix`: folders that merely wrap the data (an unpacked archive's own folder); formats look behind them.
    """

    source: Path
    images: list[tuple[str, ...]]
    skipped: list[SkippedFile] = field(default_factory=list)
    tables: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[tuple[str, ...]] = field(default_factory=list)
    prefix: tuple[str, ...] = ()
    was_stopped: bool = False

    def behind_prefix(self) -> Iterator[tuple[str, ...]]:
        """The images' parts without the wrapping folders."""
        return (image[len(self.prefix) :] for image in self.images)

    def path_of(self, parts: tuple[str, ...]) -> str:
        """Parts without the wrapping folders as a path relative to the source."""
        return "/".join((*self.prefix, *parts))

    def table_bytes(self, table: tuple[str, ...], *, at_most: int) -> bytes:
        """The beginning of one of `tables` or `notes`, all of it where it is no longer; nothing where it cannot be read."""
        with suppress(OSError), open(self.source.joinpath(*table), "rb") as file:
            return file.read(at_most)
        return b""


def tidy_name(folder: str) -> str:
    """A class's name: composed Unicode (so that twins of one name are one class), without blanks around it."""
    return unicodedata.normalize("NFC", folder).strip() or folder


def list_folder(source: Path, *, stop: Stop | None = None) -> Listing:
    """Walk `source`; one image alone is fine too. Faults below it are skipped with a reason.

    Raises `OSError` where the folder itself cannot be listed.
    """
    if source.is_file():
        return _single(source)
    walk = _Walk(source, stop)
    walk.run()
    images = sorted(walk.images)
    return Listing(
        source=source,
        images=images,
        skipped=walk.skipped,
        tables=sorted(walk.tables),
        notes=sorted(walk.notes),
        prefix=_wrapping_folders(images),
        was_stopped=walk.was_stopped,
    )


def _single(file: Path) -> Listing:
    """One image as a data set of its own; the source is then its folder."""
    with os.scandir(file.parent) as entries:
        entry = next(item for item in entries if item.name == file.name)
        reason = _reason_by_name(entry.name) or _reason_by_content(entry, entry.stat())
    if reason is None:
        return Listing(source=file.parent, images=[(file.name,)])
    return Listing(source=file.parent, images=[], skipped=[SkippedFile(path=file.name, reason=reason)])


class _Walk:
    def __init__(self, source: Path, stop: Stop | None) -> None:
        self.images: list[tuple[str, ...]] = []
        self.skipped: list[SkippedFile] = []
        self.tables: list[tuple[str, ...]] = []
        self.notes: list[tuple[str, ...]] = []
        self.was_stopped = False
        self._source = source
        self._stop = stop
        self._seen: set[tuple[int, int]] = set()

    def run(self) -> None:
        folders: list[tuple[str, ...]] = [()]
        self._is_new(os.stat(self._source))
        os.listdir(self._source)  # raises where the folder itself cannot be read
        while folders:
            if self._stop is not None and self._stop.is_set():
                self.was_stopped = True
                return
            folders += self._list(folders.pop())

    def _list(self, folder: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Sort the entries of one folder into images, skipped ones and the folders returned."""
        try:
            with os.scandir(self._source.joinpath(*folder)) as entries:
                found = list(entries)
        except OSError as error:
            self._skip(folder, _unlisted(error))
            return []
        if folder and any(entry.name.endswith(".tlstudio") for entry in found):
            self._skip(folder, message("scan.project", "A project of this program, not data."))
            return []
        below = (self._sort(entry, (*folder, entry.name)) for entry in found)
        return [parts for parts in below if parts is not None]

    def _sort(self, entry: os.DirEntry[str], parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """The parts where this is a folder to walk; otherwise it is put where it belongs."""
        reason = _reason_by_name(entry.name)
        if reason is not None:
            self._skip(parts, reason)
            return None
        try:
            status = entry.stat()
        except OSError as error:
            self._skip(parts, _unlisted(error))
            return None
        if stat.S_ISDIR(status.st_mode):
            return self._folder(entry, parts, status)
        reason = _reason_by_content(entry, status)
        if reason is None:
            self.images.append(parts)
            return None
        self._skip(parts, reason)
        if reason.id == _NOT_AN_IMAGE.id and entry.name.lower().endswith(TABLE_SUFFIXES):
            self.tables.append(parts)
        elif reason.id == _NOT_AN_IMAGE.id and entry.name.lower().endswith(NOTE_SUFFIXES):
            self.notes.append(parts)
        return None

    def _folder(self, entry: os.DirEntry[str], parts: tuple[str, ...], status: os.stat_result) -> tuple[str, ...] | None:
        if self._is_new(os.stat(entry.path) if status.st_ino == 0 else status):
            return parts
        self._skip(parts, message("scan.loop", "A link to a folder that is already read."))
        return None

    def _is_new(self, status: os.stat_result) -> bool:
        key = (status.st_dev, status.st_ino)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _skip(self, parts: tuple[str, ...], reason: Message) -> None:
        shown = "/".join(parts).encode("utf-8", "replace").decode("utf-8")
        self.skipped.append(SkippedFile(path=shown, reason=reason))


def _reason_by_name(name: str) -> Message | None:
    if name.startswith(".") or name.lower() in _SYSTEM_NAMES or name.lower() in _SYSTEM_FOLDERS:
        return message("scan.hidden", "A hidden or system file.")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return message("scan.bad_name", "Its name is not valid text; rename it and import again.")
    if os.path.splitext(name)[1].lower() in _RAW_SUFFIXES:
        return message("scan.raw", "A raw camera file; save it as TIFF or PNG and import again.")
    return None


def _reason_by_content(entry: os.DirEntry[str], status: os.stat_result) -> Message | None:
    """None for images: by the suffix, or by the first bytes of files with another one. Pipes and devices are never opened."""
    if not stat.S_ISREG(status.st_mode):
        return message("scan.special", "A pipe, socket or device, not a file.")
    if os.path.splitext(entry.name)[1].lower() in IMAGE_SUFFIXES:
        return None
    try:
        with open(entry.path, "rb") as file:
            head = file.read(kinds.SNIFFED_BYTES)
    except OSError as error:
        return _unlisted(error)
    return None if kinds.image_kind(head) else _NOT_AN_IMAGE


def _unlisted(error: OSError) -> Message:
    if isinstance(error, PermissionError):
        return message("scan.no_permission", "You are not allowed to read it.")
    if isinstance(error, FileNotFoundError):
        return message("scan.broken_link", "A link that leads nowhere.")
    return message("scan.unreadable", "The system could not read it: {error}", error=error.strerror or type(error).__name__)


def _wrapping_folders(images: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The folders all images share, as long as at least two folders of images lie behind them.

    A single folder of images stays a class (of which there is then only one); an archive's own folder around several is no class.
    """
    if not images:
        return ()
    first, last = images[0], images[-1]  # sorted: what these two share, all share
    shared = 0
    while shared < min(len(first), len(last)) - 1 and first[shared] == last[shared]:
        shared += 1
    behind = {image[shared] for image in images if len(image) > shared + 1}
    return first[:shared] if len(behind) >= 2 else ()
