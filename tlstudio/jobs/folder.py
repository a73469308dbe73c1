"""Making a job's folder: its number is claimed by creating it, and its order is whole before the job is started."""

import contextlib
import importlib.metadata
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tlstudio import __version__, files
from tlstudio.domain.jobs import ENVIRONMENT_FILE, JOB_FILE, AnyJob, Command, Environment
from tlstudio.errors import TLStudioError
from tlstudio.jobs import control
from tlstudio.log import logger
from tlstudio.messages import message

log = logger(__name__)

_LIBRARIES = ("torch", "torchvision", "timm", "onnx", "onnxruntime", "numpy", "Pillow", "safetensors")
_COUNTER_FILE = "last-number.txt"
_jobs: msgspec.json.Decoder[AnyJob] = msgspec.json.Decoder(AnyJob)


def claim(parent: Path) -> Path:
    """A new folder in `parent`, named by the next number; no two programs ever get the same one. Raises `TLStudioError`."""
    try:
        parent.mkdir(mode=0o700, exist_ok=True)
        number = max([*numbers(parent), _last_given(parent)], default=0) + 1
        while True:
            folder = parent / f"{number:04d}"
            try:
                folder.mkdir(mode=0o700)
                return folder
            except FileExistsError:
                number += 1
    except OSError as error:
        raise _cannot_write(parent, error) from error


def numbers(parent: Path) -> list[int]:
    """The numbers of the job folders in `parent`, in order."""
    if not parent.is_dir():
        return []
    return sorted(int(item.name) for item in parent.iterdir() if item.name.isdecimal() and item.is_dir())


def write_order(folder: Path, *, job: AnyJob, environment: Environment, more: Mapping[str, bytes] | None = None) -> None:
    """Write everything a job starts from, `job.json` last; takes the claimed folder away again where the disk refuses.

    Raises `TLStudioError`.
    """
    try:
        for name, data in (more or {}).items():
            files.write_bytes(folder / name, data)
        files.write_json(folder / ENVIRONMENT_FILE, environment)
        control.send(folder, Command.RUN)
        files.write_json(folder / JOB_FILE, job)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _cannot_write(folder, error) from error


def rewrite_environment(folder: Path, environment: Environment) -> None:
    """Tell a job where things are for its next attempt, and that it is to run. Raises `TLStudioError`."""
    try:
        control.send(folder, Command.RUN)
        files.write_json(folder / ENVIRONMENT_FILE, environment)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def read_job(folder: Path) -> AnyJob:
    """What the job in `folder` is asked to do. Raises `TLStudioError` where that cannot be read."""
    try:
        return _jobs.decode((folder / JOB_FILE).read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise TLStudioError(
            message("job.unreadable", "What was asked of {folder} cannot be read.", folder=str(folder)),
            message("job.unreadable.hint", "The file {file} is missing or damaged; start it anew.", file=JOB_FILE),
            details=str(error),
        ) from error


def output_path(folder: Path, output: str) -> Path:
    """Where a `FileSaved` is: `output` is a key of the environment's outputs, or the file itself."""
    try:
        outputs = msgspec.json.decode((folder / ENVIRONMENT_FILE).read_bytes(), type=Environment).outputs
    except (OSError, msgspec.MsgspecError):
        outputs = {}
    return Path(outputs.get(output, output))


def processes_of(folder: Path) -> int:
    """In how many processes of this machine the job is started; 1 where that cannot be read."""
    try:
        return msgspec.json.decode((folder / ENVIRONMENT_FILE).read_bytes(), type=Environment).processes
    except (OSError, msgspec.MsgspecError):
        return 1


def remove(folder: Path) -> None:
    """Take a job's folder away; its number is not given again. Raises `TLStudioError` where something is left.

    What is in it goes first: on a full disk that makes the room which keeping its number needs.
    """
    try:
        _empty(folder)
        last = max(int(folder.name), _last_given(folder.parent))
        files.write_bytes(folder.parent / _COUNTER_FILE, f"{last}\n".encode())
        folder.rmdir()
    except FileNotFoundError:
        log.info("%s was gone already", folder)
    except OSError as error:
        raise TLStudioError(
            message("job.not_removed", "{folder} could not be removed whole.", folder=str(folder)),
            message("job.not_removed.hint", "A program may have one of its files open. Close it and try again."),
            details=str(error),
        ) from error


def _empty(folder: Path) -> None:
    for item in list(folder.iterdir()):
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """What runs here, without importing any of it."""
    found = {"tlstudio": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name.lower()] = importlib.metadata.version(name)
    return found


def _last_given(parent: Path) -> int:
    try:
        return int((parent / _COUNTER_FILE).read_text())
    except (OSError, ValueError):
        return 0


def _cannot_write(place: Path, error: OSError) -> TLStudioError:
    return TLStudioError(
        message(
            "job.cannot_write", "Nothing could be started: {place} cannot be written ({reason}).", place=str(place), reason=_reason(error)
        ),
        message("job.cannot_write.hint", "Images, labels and earlier runs are safe. Free space or choose a folder you may write."),
        details=str(error),
    )


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
