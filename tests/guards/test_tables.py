"""To add a kind of thing is one new file and one row in a table; this finds the forgotten half."""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "tlstudio"

# table -> the folder whose files must each be named by a row (None: rows only)
TABLES = {
    "tlstudio.domain.tasks:TASKS": "engine/tasks",
    "tlstudio.domain.exporters:EXPORTERS": "engine/export",
    "tlstudio.datasets.formats:FORMATS": "datasets/formats",
    "tlstudio.operations.label_exports:LABEL_EXPORTERS": "operations/label_exports",
    "tlstudio.datasets.checks:CHECKS": "datasets/checks",
    "tlstudio.ui.panels:PANELS": None,
    "tlstudio.domain.recipe:RECIPES": None,
}


def _resolve(path: str) -> object:
    module, _, name = path.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def _lazy_strings(row: object) -> Iterable[str]:
    for value in msgspec.structs.asdict(row).values():  # type: ignore[arg-type]
        if isinstance(value, str) and value.startswith("tlstudio."):
            yield value


def _rows(table: str) -> list[object]:
    rows = _resolve(table)
    return list(rows.values()) if isinstance(rows, dict) else list(rows)  # type: ignore[call-overload]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_leads_to_its_code(table: str) -> None:
    rows = _rows(table)
    assert rows
    for row in rows:
        for path in _lazy_strings(row):
            assert _resolve(path) is not None, path


@pytest.mark.parametrize(("table", "folder"), [item for item in TABLES.items() if item[1]])
def test_every_file_has_its_row(table: str, folder: str) -> None:
    named = {path.partition(":")[0] for row in _rows(table) for path in _lazy_strings(row)}
    package = "tlstudio." + folder.replace("/", ".")
    files = {f"{package}.{item.name}" for item in pkgutil.iter_modules([str(PACKAGE / folder)]) if not item.name.startswith("_")}
    assert files <= named, f"without a row: {sorted(files - named)}"


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = sorted(int(file.stem[1:]) for file in (PACKAGE / "project" / "schema").glob("v*.sql"))
    assert numbers == list(range(1, len(numbers) + 1))
