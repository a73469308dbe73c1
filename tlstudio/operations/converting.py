"""Checkpoints on their way into the library: the tensors that were taken out of one wait in the cache until the person says yes."""

import shutil
import time
from pathlib import Path

import msgspec
from blake3 import blake3

from tlstudio import files, paths
from tlstudio.domain.conversion import Converted
from tlstudio.domain.progress import Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.jobs.conversion import convert
from tlstudio.messages import Message, message
from tlstudio.zoo.locate import Located

_ANSWER_FILE = "converted.json"
_KEEP_S = 24 * 3600.0
"""What nobody imported and nobody took away, because a window died over it, goes at the next conversion after a day."""
_SPARE_BYTES = 16_000_000
_KEY_DIGITS = 16
_END_BYTES = 65_536


def converted(located: Located, *, report: Report = ignore, stop: Stop | None = None) -> tuple[Located, Message]:
    """Where the tensors of a checkpoint stand as safetensors, and a note on what was taken; converted only once while it is unchanged.

    Raises `TLStudioError`; then nothing is left of it.
    """
    folder = _folder_of(located.origin)
    file = folder / f"{located.origin.name}.safetensors"
    try:
        said = _earlier(folder, file)
        if said is None:
            _sweep()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _refuse_full_disk(located.origin, folder)
            said = convert(located.origin, file, report=report, stop=stop)
            files.write_json(folder / _ANSWER_FILE, said)
    except OSError as error:
        forget_converted(file)
        raise _not_converted(located.origin, error) from error
    except TLStudioError:
        forget_converted(file)
        raise
    return msgspec.structs.replace(located, file=file, is_checkpoint=False), _note(said)


def forget_converted(file: Path) -> None:
    """Take away what `converted` made; safe where it is gone."""
    shutil.rmtree(file.parent, ignore_errors=True)


def _folder() -> Path:
    return paths.cache_dir() / "converted"


def _folder_of(origin: Path) -> Path:
    """Another one as soon as the checkpoint is another: a stick knows times only to two seconds, so its ends count too."""
    stat = origin.stat()
    key = f"{origin}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}|".encode(errors="surrogateescape")
    with origin.open("rb") as file:
        key += file.read(_END_BYTES)
        file.seek(max(0, stat.st_size - _END_BYTES))
        key += file.read(_END_BYTES)
    return _folder() / blake3(key).hexdigest()[:_KEY_DIGITS]


def _earlier(folder: Path, file: Path) -> Converted | None:
    """What an earlier conversion of the same file said."""
    if not file.is_file():
        return None
    try:
        return msgspec.json.decode((folder / _ANSWER_FILE).read_bytes(), type=Converted)
    except (OSError, msgspec.DecodeError):
        return None


def _sweep() -> None:
    if not _folder().is_dir():
        return
    for left in _folder().iterdir():
        if time.time() - left.stat().st_mtime > _KEEP_S:
            shutil.rmtree(left, ignore_errors=True)


def _refuse_full_disk(origin: Path, folder: Path) -> None:
    needed, free = origin.stat().st_size + _SPARE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise TLStudioError(
            message(
                "convert.no_room",
                "There is no room to convert {file}: it needs {needed} MB, {free} MB are free.",
                file=origin.name,
                needed=needed // 1_000_000,
                free=free // 1_000_000,
            ),
            message("convert.no_room.hint", "Nothing was imported. Make room on the disk of {folder}.", folder=str(folder)),
        )


def _not_converted(origin: Path, error: OSError) -> TLStudioError:
    return TLStudioError(
        message("convert.failed", "{file} could not be converted ({reason}).", file=origin.name, reason=error.strerror or str(error)),
        message("convert.failed.hint", "Nothing was imported and nothing half-written stays. Check the room on the disk and its rights."),
    )


def _note(said: Converted) -> Message:
    if said.entry:
        text = "Converted from a PyTorch checkpoint, whose entry {entry} holds the tensors; nothing in it was run."
        return message("weights.note.converted_entry", text, entry=said.entry)
    return message("weights.note.converted", "Converted from a PyTorch checkpoint; nothing in it was run.")
