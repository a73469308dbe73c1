"""One folder of images whose names say the class by one clear pattern, such as `ant_001.jpg` or `001-bee.png`."""

import posixpath
import re
from collections import Counter
from dataclasses import dataclass

from tlstudio.datasets.listing import FoundFile, Listing, Reading, tidy_name
from tlstudio.datasets.named_images import Parts
from tlstudio.datasets.seen_images import CONTAINERS
from tlstudio.messages import message

_LEAST_COVERED = 0.95
_LEAST_IMAGES = 2
"""Of a class: a name that comes once is no class."""
_CLASS = r"(?P<name>[^\W\d_]+(?:[ _.-][^\W\d_]+)*)"
_NUMBER = r"\d+"
_SEPARATORS = ("_", "-", " ", ".")
_NO_CLASSES = frozenset(
    (
        *(
            "img",
            "imag",
            "image",
            "images",
            "dsc",
            "dscn",
            "dscf",
            "pxl",
            "photo",
            "pic",
            "pict",
            "picture",
            "mvimg",
            "gopr",
            "dji",
            "cimg",
        ),
        *("p", "s", "scan", "frame", "vid", "video", "mov", "clip", "screenshot", "whatsapp image", "snapshot", "capture", "untitled"),
        *("unnamed", "file", "sample", "crop", "tile", "patch", "bild", "foto", "cam", "camera", "page", "slide", "copy", "new", "test"),
    )
)
"""Words that cameras and programs put before numbers."""


@dataclass(frozen=True, kw_only=True)
class _Pattern:
    shown: str
    """As people write it."""
    regex: re.Pattern[str]


def _patterns() -> tuple[_Pattern, ...]:
    found = []
    for separator in _SEPARATORS:
        escaped = re.escape(separator)
        found.append(_Pattern(shown=f"{{class}}{separator}{{number}}", regex=re.compile(f"{_CLASS}{escaped}{_NUMBER}")))
        found.append(_Pattern(shown=f"{{number}}{separator}{{class}}", regex=re.compile(f"{_NUMBER}{escaped}{_CLASS}")))
    found.append(_Pattern(shown="{class} ({number})", regex=re.compile(rf"{_CLASS} ?\({_NUMBER}\)")))
    return tuple(found)


PATTERNS = _patterns()


class FileNames:
    """The pattern is shown with the import, for a name may mean something else."""

    def __init__(self) -> None:
        self._found: tuple[_Pattern, frozenset[str]] | None = None

    def score(self, listing: Listing) -> float:
        """More than a folder of images without classes, less than folders that are classes; 0 where no pattern is clear."""
        folders = {parts[:-1] for parts in listing.behind_prefix()}
        if len(folders) != 1:
            return 0.0
        (folder,) = folders
        if folder and (len(folder) > 1 or folder[0].lower() not in CONTAINERS):
            return 0.0
        self._found = _clear_pattern(list(listing.behind_prefix()))
        if self._found is None:
            return 0.0
        return 0.65 if folder else 0.3

    def read(self, listing: Listing) -> Reading:
        """Images whose names do not follow the pattern have no class."""
        assert self._found is not None, "a format that scores nothing is not asked to read"
        pattern, classes = self._found
        files = []
        for parts in listing.behind_prefix():
            name = _class_of(parts, pattern)
            files.append(FoundFile(path=listing.path_of(parts), class_name=name if name in classes else None))
        remark = message("names.pattern", "Classes from names: {pattern}. Classes: {number}.", pattern=pattern.shown, number=len(classes))
        return Reading(files=files, remarks=[remark])


def _clear_pattern(images: list[Parts]) -> tuple[_Pattern, frozenset[str]] | None:
    """The pattern that covers most images, with its classes; None where it is not clear enough."""
    best: tuple[int, _Pattern, frozenset[str]] | None = None
    for pattern in PATTERNS:
        counts = Counter(_class_of(parts, pattern) for parts in images)
        classes = frozenset(name for name, number in counts.items() if name is not None and number >= _LEAST_IMAGES)
        covered = sum(counts[name] for name in classes)
        if best is None or covered > best[0]:
            best = (covered, pattern, classes)
    if best is None or len(best[2]) < 2 or best[0] < _LEAST_COVERED * len(images):
        return None
    return None if any(name.lower() in _NO_CLASSES for name in best[2]) else best[1:]


def _class_of(parts: Parts, pattern: _Pattern) -> str | None:
    found = pattern.regex.fullmatch(tidy_name(posixpath.splitext(parts[-1])[0]))
    return found["name"] if found else None
