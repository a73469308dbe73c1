"""What a project archive says of itself: a plain zip with this manifest, whose hashes cover every other file in it."""

import msgspec

ARCHIVE_SUFFIX = ".tlarchive"
ARCHIVE_FORMAT = 1
ARCHIVE_MANIFEST = "manifest.json"


class PackedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of the project."""

    entry: str
    """Its name in the zip."""
    size: int
    """Bytes."""
    blake3: str
    path: str = ""
    """Where it goes, relative to the project's folder, where that is not `entry`: names that a zip cannot carry unchanged."""


class ArchiveManifest(msgspec.Struct, frozen=True, kw_only=True):
    """`manifest.json`, the last entry."""

    format: int = ARCHIVE_FORMAT
    project_id: str
    name: str
    files: tuple[PackedFile, ...]
    missing: tuple[str, ...] = ()
    """Images that the project knows and that could not be read when it was packed: where they were."""
