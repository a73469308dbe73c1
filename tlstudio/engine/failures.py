"""From an exception nobody expected to the words of a failed job."""

import os
import re
import traceback
from pathlib import Path

import psutil

from tlstudio.domain.events import Failed
from tlstudio.domain.memory import in_memory
from tlstudio.domain.run_state import CARD_LOST
from tlstudio.messages import Message, message

_DISK_FULL = 28
_UNITS = {"bytes": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40}


def of(error: Exception) -> Failed:
    """What a person is told; `details` holds the traceback."""
    details = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        return Failed(
            title=_memory_words(error),
            hint=message("job.memory.hint", "Close other programs, or choose a smaller network or batch. Nothing that was saved is lost."),
            details=details,
        )
    if is_card_lost(error):
        return Failed(
            title=message(CARD_LOST, "The graphics card stopped answering ({reason}).", reason=_first_line(error)),
            hint=message(
                "job.card_lost.hint",
                "A process that lost its card cannot use it again, a new one mostly can: continue this run, here or on the processor.",
            ),
            details=details,
        )
    if isinstance(error, OSError):
        return _of_os_error(error, details)
    return Failed(
        title=message("job.bug", "Something went wrong inside TL Studio: {error}.", error=type(error).__name__),
        hint=message("job.bug.hint", "Images, labels and earlier runs are safe. The details below help to find the mistake."),
        details=details,
    )


def is_out_of_memory(error: Exception) -> bool:
    """Whether a tensor could not be allocated, on the graphics card or in main memory."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error)
    return any(words in text for words in ("can't allocate memory", "DefaultCPUAllocator", "MPS backend out of memory"))


def is_card_lost(error: Exception) -> bool:
    """Whether the graphics card, or its driver, is of no more use to this process; errors of CUDA stick to it."""
    text = str(error)
    return type(error).__name__ == "AcceleratorError" or any(sign in text for sign in ("CUDA error", "CUDA driver error", "cuDNN error"))


def _memory_words(error: Exception) -> Message:
    """With numbers, where the allocator told how much it was asked for."""
    asked = _asked_bytes(str(error))
    if asked is None:
        return message("job.memory", "There was not enough memory for this job.")
    free = _free_on_card(str(error))
    if free is None:
        free = psutil.virtual_memory().available
    text = "There was not enough memory for this job: {needed} more were needed at once, {free} were free."
    return message("job.memory.figures", text, needed=in_memory(asked), free=in_memory(free))


def _asked_bytes(text: str) -> float | None:
    """As PyTorch tells it of the processor ("you tried to allocate 123 bytes") and of a card, and as NumPy does ("2.00 GiB")."""
    found = re.search(r"(?:[Tt]ried to allocate|Unable to allocate) (\d+(?:\.\d+)?) (bytes|[KMGT]iB)", text)
    return _bytes(*found.groups()) if found is not None else None


def _free_on_card(text: str) -> float | None:
    found = re.search(r"of which (\d+(?:\.\d+)?) (bytes|[KMGT]iB) is free", text)
    return _bytes(*found.groups()) if found is not None else None


def _bytes(number: str, unit: str) -> float:
    return float(number) * _UNITS[unit]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].removesuffix(".")


def _of_os_error(error: OSError, details: str) -> Failed:
    reason = error.strerror or str(error)
    if error.errno == _DISK_FULL:
        return Failed(
            title=message("job.disk_full", "The disk is full."),
            hint=message(
                "job.disk_full.hint", "Free some space, then continue this run or start again. Checkpoints that were whole are kept."
            ),
            details=details,
        )
    file = error.filename2 or error.filename  # of two the one that was to be replaced
    if file is None:
        return Failed(
            title=message("job.os_error", "A file could not be read or written: {reason}.", reason=reason),
            hint=message("job.os_error.hint", "Check that the project's folder and its drive are there and can be written."),
            details=details,
        )
    place = Path(_name(file))
    return Failed(
        title=message("job.os_error.file", "{file} could not be read or written: {reason}.", file=place.name, reason=reason),
        hint=message("job.os_error.file.hint", "Check that its folder, {folder}, is there and can be written.", folder=str(place.parent)),
        details=details,
    )


def _name(file: object) -> str:
    """As people write it: the system may have been told bytes, or the number of an open file."""
    return os.fsdecode(file) if isinstance(file, bytes) else str(file)
