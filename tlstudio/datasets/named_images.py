"""From what a file calls an image to the image of the listing it means; what leads outside is refused, never followed."""

import posixpath
import re
import unicodedata
from collections import defaultdict

from tlstudio.datasets.formats.split_folders import SPLIT_WORDS
from tlstudio.datasets.listing import Listing
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message

Parts = tuple[str, ...]

_ABSOLUTE = re.compile(r"/|[A-Za-z]:")


class NamedImages:
    """The images of a listing by path, by name and by name without its ending. Names are compared in composed Unicode."""

    def __init__(self, listing: Listing) -> None:
        self._prefix = listing.prefix
        self._by_path: dict[str, Parts] = {}
        self._by_name: dict[str, list[Parts]] = defaultdict(list)
        self._by_stem: dict[str, list[Parts]] = defaultdict(list)
        for parts in listing.images:
            name = composed(parts[-1])
            self._by_path[composed("/".join(parts))] = parts
            self._by_name[name].append(parts)
            self._by_stem[posixpath.splitext(name)[0]].append(parts)

    def find(self, path: str, *, near: Parts, row: int, hint: Split | None = None) -> Parts | Message:
        """The image that a file in the folder `near` calls `path`, or why there is none: `row` is where it says so.

        `path` is tried from `near`, from the source and from the folders that wrap the data; then any one image whose path
        ends so. `hint`: the part the file speaks of, where several images have the name.
        """
        text = slashed(path)
        if leads_outside(text, near):
            return message("named.outside", "Entry {row}: {path} leads outside the folder; it is refused.", row=row, path=path)
        for folder in (near, (), self._prefix):
            found = self._by_path.get(composed(posixpath.normpath("/".join((*folder, text)))))
            if found is not None:
                return found
        return self._by_ending(text, near, hint) or message(
            "named.missing", "Entry {row}: there is no image {path} in the folder.", row=row, path=path
        )

    def of_stem(self, stem: str, *, near: Parts) -> Parts | None:
        """The image of this name, whatever its ending; the one nearest to the folder `near` where there are several."""
        return _nearest(self._by_stem.get(composed(stem), []), near)

    def _by_ending(self, text: str, near: Parts, hint: Split | None) -> Parts | None:
        wanted = composed(posixpath.normpath(text))
        name = wanted.rpartition("/")[2]
        found = self._by_name.get(name, [])
        if "/" in wanted:
            whole = [parts for parts in found if composed("/".join(parts)).endswith(f"/{wanted}")]
            found = whole or found
        hinted = [parts for parts in found if hint is not None and split_of_folders(parts) is hint]
        return _nearest(hinted or found, near)


def _nearest(found: list[Parts], near: Parts) -> Parts | None:
    """The only one, or the only one that shares most folders with `near`."""
    if len(found) <= 1:
        return found[0] if found else None
    shared = [_num_shared(parts, near) for parts in found]
    best = max(shared)
    return found[shared.index(best)] if shared.count(best) == 1 else None


def _num_shared(parts: Parts, near: Parts) -> tuple[int, int]:
    """Folders shared from the top, and names of folders shared anywhere."""
    top = 0
    while top < min(len(parts) - 1, len(near)) and parts[top] == near[top]:
        top += 1
    return top, len(set(parts[:-1]) & set(near))


def leads_outside(text: str, near: Parts) -> bool:
    """Whether a path with forward slashes, said in the folder `near`, is absolute or leads out of the source."""
    if _ABSOLUTE.match(text) or "\0" in text:
        return True
    joined = posixpath.normpath("/".join((*near, text)))
    return joined == ".." or joined.startswith("../")


def slashed(path: str) -> str:
    """With forward slashes, without blanks around it."""
    return path.strip().replace("\\", "/")


def composed(text: str) -> str:
    """In composed Unicode, for comparing."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def split_of_words(text: str) -> Split | None:
    """The one part that the words of a name speak of, such as "instances_train2017"."""
    found = {SPLIT_WORDS[word] for word in re.findall("[a-z]+", text.lower()) if word in SPLIT_WORDS}
    return found.pop() if len(found) == 1 else None


def split_of_folders(parts: Parts) -> Split | None:
    """The part that the innermost such folder around an image or a file speaks of."""
    found = (split_of_words(part) for part in reversed(parts[:-1]))
    return next((split for split in found if split is not None), None)
