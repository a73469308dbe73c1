"""What can be made again: how much room it takes, and taking it away."""

import contextlib
from pathlib import Path

from tlstudio import paths
from tlstudio.domain.progress import Stop

_KEPT = ("thumbnails", "profiles")


def cache_size(stop: Stop | None = None) -> int:
    """Bytes in the cache folder."""
    total = 0
    for file in _files(paths.cache_dir()):
        if stop is not None and stop.is_set():
            break
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


def clear_cache() -> int:
    """Delete what can be made again; the bytes that were freed. Files in use by a running job stay until it ends.

    Thumbnails stay: they are small, and the open window reads them. So does what was measured of this machine.
    """
    freed = 0
    for file in _files(paths.cache_dir()):
        if file.relative_to(paths.cache_dir()).parts[0] in _KEPT:
            continue
        with contextlib.suppress(OSError):
            size = file.stat().st_size
            file.unlink()
            freed += size
    return freed


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()] if folder.is_dir() else []
