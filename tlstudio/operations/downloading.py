"""Fetching a published set of weights: the only place of the program that opens a connection, and only for `tlstudio weights pack`.

What has come is kept in the cache folder, so that a broken download goes on where it was.
"""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tlstudio import files, paths
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.zoo.config import CONFIG_FILE
from tlstudio.zoo.library import TENSORS_FILE

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

_FORBIDDING = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""What every process of this program is started with, and the library reads when it is imported."""
_PIECE_BYTES = 1 << 18
"""What is lost when a connection breaks is at most this; the library's own pieces are of 10 MB."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class DownloadStoppedError(Exception):
    """It was asked to stop; what has come is kept."""


def fetch(hub_id: str, *, report: Report = ignore, stop: Stop | None = None) -> Path:
    """The folder with config.json and model.safetensors of a published set; what is there whole is not fetched again.

    Raises `TLStudioError` where there is no connection, no such set, or no room; and `DownloadStoppedError`.
    """
    folder = paths.cache_dir() / "downloads" / hub_id.replace("/", "--")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (CONFIG_FILE, TENSORS_FILE):
            if not (folder / name).is_file():
                _fetch_file(hub_id, folder / name, report, stop)
    except OSError as error:
        raise _not_stored(hub_id, error) from error
    return folder


def _fetch_file(hub_id: str, file: Path, report: Report, stop: Stop | None) -> None:
    """Raises `TLStudioError`, `OSError` of the disk, `DownloadStoppedError`."""
    _connect()
    with _asking(hub_id):
        remote = _metadata(hub_id, file.name)
    part = file.with_name(f"{file.name}.{(remote.etag or 'unknown')[:16]}.part")
    for other in file.parent.glob(f"{file.name}.*.part"):
        if other != part:  # of an older edition
            other.unlink()
    with open(part, "ab") as kept, _asking(hub_id):
        _transfer(remote.location, _Counted(kept, hub_id, remote.size, report, stop), size=remote.size)
        kept.flush()
        os.fsync(kept.fileno())
    if remote.etag and _SHA256.fullmatch(remote.etag) and _sha256(part) != remote.etag:
        part.unlink()
        raise _damaged(hub_id)
    os.replace(part, file)
    files.sync_folder(file.parent)


def _metadata(hub_id: str, name: str) -> "HfFileMetadata":
    """Size, hash and place of a published file."""
    import huggingface_hub

    return huggingface_hub.get_hf_file_metadata(huggingface_hub.hf_hub_url(hub_id, name), token=False)


def _transfer(url: str, into: "_Counted", *, size: int | None) -> None:
    """The rest of a file, from where `into` stands."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get

    constants.DOWNLOAD_CHUNK_SIZE = _PIECE_BYTES
    http_get(url, into, resume_size=into.tell(), expected_size=size)  # type: ignore[arg-type]  # it writes, seeks and truncates only


def _connect() -> None:
    """Let the hub's library reach the network, in this process only; it tells nobody anything and leaves nothing outside of our folders."""
    for name in _FORBIDDING:
        os.environ.pop(name, None)
    os.environ |= {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_VERBOSITY": "error",
        "HF_HUB_DISABLE_XET": "1",  # plain HTTP, which can go on in the middle of a file
        "HF_HOME": str(paths.cache_dir() / "downloads"),
    }


class _Counted:
    """A file that is being downloaded: tells how far it is, and ends where it is asked to stop."""

    def __init__(self, file: IO[bytes], hub_id: str, total: int | None, report: Report, stop: Stop | None) -> None:
        self._file = file
        self._what = message("download.doing", "Downloading {name}", name=hub_id.rpartition("/")[2])
        self._total = total
        self._report = report
        self._stop = stop
        self._began, self._came = time.monotonic(), 0

    def write(self, data: bytes) -> int:
        if self._stop is not None and self._stop.is_set():
            raise DownloadStoppedError
        num = self._file.write(data)
        self._came += len(data)
        per_second = self._came / max(time.monotonic() - self._began, 1e-6)
        self._report(Progress(what=self._what, done=self._file.tell(), total=self._total, per_second=per_second, in_bytes=True))
        return num

    def tell(self) -> int:
        return self._file.seek(0, os.SEEK_END)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(place, whence)

    def truncate(self) -> int:
        return self._file.truncate()


@contextmanager
def _asking(hub_id: str) -> Iterator[None]:
    """The server's refusals and a missing connection as words; a disk that refuses stays an `OSError`."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except (TLStudioError, DownloadStoppedError):
        raise
    except HfHubHTTPError as error:
        raise _refused(hub_id, error.response.status_code) from error
    except OSError as error:
        if error.errno is not None and not isinstance(error, ConnectionError):
            raise
        raise _unreachable(hub_id, error) from error
    except Exception as error:
        # Whatever the library's transport raises, which it has changed before: told with its own words in the details.
        raise _unreachable(hub_id, error) from error


def _sha256(file: Path) -> str:
    with open(file, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _unreachable(hub_id: str, error: Exception) -> TLStudioError:
    return TLStudioError(
        message("download.unreachable", "{name} could not be downloaded: there is no connection to where it is published.", name=hub_id),
        message(
            "download.unreachable.hint",
            "Nothing was packed. What has come so far is kept, and the same command goes on from there. Without internet, pack weights "
            "that are on this computer, or a folder: --from FOLDER.",
        ),
        details=f"{type(error).__name__}: {error}",
    )


def _refused(hub_id: str, status: int) -> TLStudioError:
    return TLStudioError(
        message("download.refused", "{name} could not be downloaded: the server answers {status}.", name=hub_id, status=status),
        message(
            "download.refused.hint",
            "Nothing was packed. It may have been withdrawn, or its publisher gives it to signed-in people only: then download it in "
            "a browser and pack the folder with --from FOLDER.",
        ),
    )


def _damaged(hub_id: str) -> TLStudioError:
    return TLStudioError(
        message("download.damaged", "{name} came damaged: it is not what its publisher's hash says.", name=hub_id),
        message("download.damaged.hint", "Nothing was packed and nothing of it is kept. Try again; the connection may be faulty."),
    )


def _not_stored(hub_id: str, error: OSError) -> TLStudioError:
    return TLStudioError(
        message("download.not_stored", "{name} could not be kept ({reason}).", name=hub_id, reason=error.strerror or str(error)),
        message(
            "download.not_stored.hint",
            "Nothing was packed. Free space on the disk of {folder}; what has come so far is kept.",
            folder=str(paths.cache_dir()),
        ),
    )
