"""Masks that lie as images beside the images: decoded like every foreign file, and said as regions before the images come in."""

import dataclasses
import posixpath
from collections.abc import Mapping, Sequence

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.inspection import Inspected
from tlstudio.datasets.mask_meaning import MAX_CLASSES, MaskMeaning, class_of_value, meaning_of, told
from tlstudio.datasets.scan import FoundFile, Scan, SkippedFile
from tlstudio.datasets.seen import Entry, Seen
from tlstudio.datasets.seen_images import class_of, several_classes
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.domain.regions import MASK, MaskPart, Region, Shape
from tlstudio.messages import Message, message

_REPORT_EVERY = 20


def with_masks(found: Scan, *, report: Report, stop: Stop | None) -> Scan:
    """`found` with what its masks hold in `seen` and `class_name`; each mask that cannot be used is told among `skipped`.

    Stopped in between, it says so and has no files, for an image without its mask would be one that shows nothing.
    """
    paths = [path for file in found.files if file.masks for path in file.masks.paths]
    if not paths:
        return found
    read: dict[str, Inspected] = {}
    with DecoderPool(IntensityRule(), reads_masks=True) as pool:
        for path, inspected in zip(paths, pool.inspect((found.source / path for path in paths), stop=stop), strict=False):
            read[path] = inspected
            if len(read) % _REPORT_EVERY == 0 or len(read) == len(paths):
                report(Progress(what=message("masks.reading", "Reading masks"), done=len(read), total=len(paths)))
    if len(read) < len(paths):
        return dataclasses.replace(found, files=[], was_stopped=True)
    return _Masks(found, read).scan()


class _Masks:
    """All masks of a set, decoded."""

    def __init__(self, found: Scan, read: Mapping[str, Inspected]) -> None:
        self._found = found
        self._read = read
        self._problems: list[SkippedFile] = []
        self._nameless: set[int] = set()
        masked = [file.masks for file in found.files if file.masks]
        self._names = masked[0].names
        held = [item.parts for item in read.values() if item.reason is None]
        self._meaning = meaning_of(held, self._names, one_file_a_thing=any(len(item.paths) > 1 for item in masked))
        self._are_too_many = self._meaning is MaskMeaning.CLASSES and len({part.value for parts in held for part in parts}) > MAX_CLASSES
        self._num_used = 0

    def scan(self) -> Scan:
        files = [self._with(file) for file in self._found.files]
        remarks = [*self._found.remarks, told(self._meaning, self._num_used)] if self._num_used else list(self._found.remarks)
        if self._nameless:
            values = ", ".join(map(str, sorted(self._nameless)[:20]))
            text = "Values in the masks that have no name in the list of classes were left out: {values}."
            remarks.append(message("masks.nameless", text, values=values))
        num_mixed = sum(file.seen is not None and bool(file.seen.entries) and file.class_name is None for file in files)
        if num_mixed:
            remarks.append(several_classes(num_mixed))
        return dataclasses.replace(self._found, files=files, skipped=[*self._found.skipped, *self._problems], remarks=remarks)

    def _with(self, file: FoundFile) -> FoundFile:
        """The image with what its masks say; as it was where none of them can be used."""
        if file.masks is None:
            return file
        usable = [(path, self._read[path]) for path in file.masks.paths if self._is_usable(path)]
        sizes = [(item.width_px, item.height_px) for _, item in usable]
        alike = [pair for pair, size in zip(usable, sizes, strict=True) if size == sizes[0]]
        for path, item in usable:
            if (path, item) not in alike:
                self._skip(path, message("masks.unlike", "The mask has another size than the other masks of its image; it is not used."))
        if not alike:
            return file
        self._num_used += len(alike)
        parts = [part for _, item in alike for part in item.parts]
        path = alike[0][0] if len(alike) == 1 else posixpath.dirname(alike[0][0])
        seen = Seen(path=path, entries=tuple(self._entries(parts, sizes[0])), size_px=sizes[0])
        return dataclasses.replace(file, seen=seen, class_name=class_of(seen, tuple(file.path.split("/"))))

    def _is_usable(self, path: str) -> bool:
        reason = self._read[path].reason
        if reason is None and self._are_too_many:
            text = "The masks together hold more than {number} values, which lie in many pieces: neither things nor classes; not used."
            reason = message("masks.too_many_classes", text, number=MAX_CLASSES)
        if reason is not None:
            self._skip(path, reason)
        return reason is None

    def _skip(self, path: str, reason: Message) -> None:
        self._problems.append(SkippedFile(path=path, reason=reason, row=0))

    def _entries(self, parts: Sequence[MaskPart], size_px: tuple[int, int]) -> list[Entry]:
        entries: list[Entry] = []
        for row, part in enumerate(parts, 1):
            name = class_of_value(self._meaning, part.value, self._names)
            if name is None:
                self._nameless.add(part.value)
                continue
            x, y, width, height = part.box
            shape = Shape(x=x, y=y, width=width, height=height, size=(size_px[1], size_px[0]), counts=part.counts)
            entries.append(Entry(region=Region(kind=MASK, class_name=name, shape=shape), row=row))
        return entries
