"""The versions of the database's tables: one file each, run by number, each in a transaction of its own."""

from pathlib import Path

from tlstudio.project.database import Database

SCHEMA = Path(__file__).with_name("schema")

# Row n brings a database from version n to n + 1. Only appended to.
MIGRATIONS: list[str] = [
    "v001.sql",
    "v002.sql",
    "v003.sql",
    "v004.sql",
]


def current() -> int:
    """The version this program writes."""
    return len(MIGRATIONS)


def version(database: Database) -> int:
    """The version of a file; 0 for an empty one."""
    return int(database.value("PRAGMA user_version"))


def migrate(database: Database) -> None:
    """Bring `database` to the current version. Killed in the middle, it is at one version or another, never between."""
    for number in range(version(database), current()):
        sql = (SCHEMA / MIGRATIONS[number]).read_text(encoding="utf-8")
        with database.transaction():
            database.run(sql)
            database.run(f"PRAGMA user_version = {number + 1}")
