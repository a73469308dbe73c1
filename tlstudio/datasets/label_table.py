"""A table of labels as text: read as labs' programs write it, each bad row by itself, and written so that it reads the same."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t")
HEADINGS = ("path", "label", "split", "group", "note")
"""The columns that are written."""
_MEANINGS = {
    "path": ("path", "file", "filename", "image"),
    "label": ("label", "class", "category"),
    "split": ("split",),
    "group": ("group",),
    "note": ("note", "notes"),
}
_MAX_LINES = 200
"""Of one row: a cell in quotes may hold several lines, but a quote that was never closed must not swallow the table."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class LabelRow:
    """What one row says of one image, as written there."""

    path: str
    label: str = ""
    split: str = ""
    group: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """How a table is laid out: its separator and which cell means what."""

    separator: str
    num: int
    cells: dict[str, int]
    """Position by meaning; "path" and "label" are always there."""
    row: int
    """The number of the row of headings."""


def decode(data: bytes) -> str:
    """UTF-8 or UTF-16 where it is that, else cp1252, the encoding of Western spreadsheets."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.removeprefix(b"\xef\xbb\xbf").decode("cp1252", "replace")


def find_columns(text: str) -> Columns | None:
    """The layout by the headings, which are the first row with anything in it; None where they name no image or no label."""
    for number, line in enumerate(_lines(text), 1):
        if not line.strip() or line.lower().startswith("sep="):  # spreadsheets write such a line to say the separator
            continue
        found = (_columns(line, separator, number) for separator in SEPARATORS)
        return next((item for item in found if item is not None), None)
    return None


def _columns(line: str, separator: str, row: int) -> Columns | None:
    headings = [cell.strip().lower() for cell in _record([line], 0, separator)[0] or ()]
    cells: dict[str, int] = {}
    for meaning, names in _MEANINGS.items():
        positions = [headings.index(name) for name in names if name in headings]
        if positions:
            cells[meaning] = positions[0]
    return Columns(separator=separator, num=len(headings), cells=cells, row=row) if {"path", "label"} <= set(cells) else None


def read_rows(text: str, columns: Columns) -> Iterator[tuple[int, LabelRow | None]]:
    """Each row below the headings with its number, the headings' own row counted; None for one that is malformed.

    A malformed row costs only itself: reading goes on with the next line. Empty rows are passed over.
    """
    lines = list(_lines(text))
    at, number = columns.row, columns.row
    while at < len(lines):
        number += 1
        cells, num_lines = _record(lines, at, columns.separator)
        row = None if cells is None else _row(cells, columns)
        at += 1 if row is None else num_lines
        if row is not None or any(cell.strip() for cell in cells or ["malformed"]):
            yield number, row


def _row(cells: list[str], columns: Columns) -> LabelRow | None:
    if max(columns.cells["path"], columns.cells["label"]) >= len(cells) or any(cell.strip() for cell in cells[columns.num :]):
        return None
    said = {meaning: unguarded(cells[at]) for meaning, at in columns.cells.items() if at < len(cells)}
    if any("\n" in cell or "\r" in cell for meaning, cell in said.items() if meaning != "note") or not said["path"].strip():
        return None
    return LabelRow(**said)


def _lines(text: str) -> Iterable[str]:
    """Lines with their ends, which are those of Windows, Unix or an old Mac and nothing else that Unicode calls a line's end."""
    return io.StringIO(text, newline="")


def _record(lines: list[str], at: int, separator: str) -> tuple[list[str] | None, int]:
    """The cells of the row that begins at a line, None where its quotes are not in order, and how many lines it has."""
    if '"' not in lines[at]:
        return lines[at].rstrip("\r\n").split(separator), 1
    reader = csv.reader(lines[at : at + _MAX_LINES], delimiter=separator, strict=True, skipinitialspace=True)
    try:
        return next(reader), int(reader.line_num)
    except csv.Error:
        return None, 1


def write_rows(rows: Iterable[LabelRow], *, separator: str = ",") -> str:
    """The whole table as text, headings first."""
    table = [HEADINGS, *((row.path, row.label, row.split, row.group, row.note) for row in rows)]
    return "".join(separator.join(_cell(text) for text in cells) + "\r\n" for cells in table)


def _cell(text: str) -> str:
    text = guarded(text)
    needs_quotes = text != text.strip() or any(mark in text for mark in ('"', "\r", "\n", *SEPARATORS))
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `unguarded` takes the mark off again, however many there were."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS) else text
