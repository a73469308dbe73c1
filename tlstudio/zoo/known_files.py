"""What the name of a file of weights promises: which published set it is, and the first digits of its SHA-256, as torch.hub writes them."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

import msgspec

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.catalogue import FILES_FILE, Catalogue
from tlstudio.zoo.header import unreadable

_DIGITS = re.compile(r"-([0-9a-f]{8,64})\.\w+$")


class KnownFile(msgspec.Struct, frozen=True, kw_only=True):
    """A published file whose name ends in the first digits of its SHA-256."""

    file: str
    architecture: str
    tag: str


def known_file(path: Path, catalogue: Catalogue) -> KnownFile | None:
    """The published file of that name."""
    return _table(catalogue.folder / FILES_FILE).get(path.name)


def check_digits(path: Path, catalogue: Catalogue) -> Message | None:
    """What the digits in the name of `path` say of its content: a note, or None where there are none. Reads the whole file.

    Raises `TLStudioError` where a published file is not what its name promises. Of a name nobody publishes it is only told: its
    digits may be a date.
    """
    found = _DIGITS.search(path.name)
    if found is None:
        return None
    digits, known = found.group(1), known_file(path, catalogue)
    try:
        with open(path, "rb") as file:
            is_whole = hashlib.file_digest(file, "sha256").hexdigest().startswith(digits)
    except OSError as error:
        raise unreadable(path, error) from error
    if is_whole:
        return message("weights.note.digits", "The file is whole: its SHA-256 begins with {digits}, as its name says.", digits=digits)
    if known is not None:
        title = message(
            "weights.digits",
            "{file} is not what its name promises: its SHA-256 does not begin with {digits}.",
            file=path.name,
            digits=digits,
        )
        hint = (
            "Nothing was imported. It is damaged or was changed: download it again. Under a name without these digits it is looked at as "
            "any other."
        )
        raise TLStudioError(title, message("weights.digits.hint", hint))
    text = "Its SHA-256 does not begin with {digits}. If they are meant to prove the file, as those of torch.hub are, it is damaged."
    return message("weights.note.other_digits", text, digits=digits)


@lru_cache(maxsize=2)
def _table(file: Path) -> dict[str, KnownFile]:
    rows = msgspec.json.Decoder(KnownFile).decode_lines(file.read_bytes())
    return {row.file: row for row in rows}
