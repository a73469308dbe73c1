"""From a folder to its data set: which images there are, and what their folders, a table or annotations say of class, split and group."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tlstudio.datasets.formats import FORMATS, DatasetFormat, FormatSpec
from tlstudio.datasets.listing import FoundFile, Listing, SkippedFile, list_folder
from tlstudio.domain.progress import Stop
from tlstudio.lazy import resolve
from tlstudio.messages import Message

__all__ = ["FoundFile", "Scan", "SkippedFile", "scan"]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """`files` in the order of their paths; `skipped` accounts for everything else below the source, but for tables that were read."""

    source: Path
    format_id: str
    given_splits: bool
    files: list[FoundFile]
    skipped: list[SkippedFile]
    remarks: list[Message] = field(default_factory=list)
    was_stopped: bool = False


def scan(source: Path, *, stop: Stop | None = None) -> Scan:
    """Look at the names below `source` and into small tables; no image is opened.

    Raises `OSError` where the folder itself cannot be listed.
    """
    listing = list_folder(source, stop=stop)
    spec, format = best_format(listing)
    reading = format.read(listing)
    were_read = set(reading.tables)
    return Scan(
        source=listing.source,
        format_id=spec.id,
        given_splits=reading.given_splits,
        files=reading.files,
        skipped=[item for item in listing.skipped if item.path not in were_read] + reading.skipped,
        remarks=reading.remarks,
        was_stopped=listing.was_stopped,
    )


def best_format(listing: Listing) -> tuple[FormatSpec, DatasetFormat]:
    """The row with the highest score; the earlier one where two are equal."""
    scored = [(spec, _load(spec)) for spec in FORMATS]
    return max(scored, key=lambda item: item[1].score(listing))


def _load(spec: FormatSpec) -> DatasetFormat:
    return cast(DatasetFormat, resolve(spec.format)())
