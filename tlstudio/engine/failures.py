"""From an exception nobody expected to the words of a failed job."""

import traceback

from tlstudio.domain.events import Failed
from tlstudio.messages import message

_DISK_FULL = 28


def of(error: Exception) -> Failed:
    """What a person is told; `details` holds the traceback."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, MemoryError) or is_out_of_memory(error):
        return Failed(
            title=message("job.memory", "There was not enough memory for this job."),
            hint=message("job.memory.hint", "Close other programs, or choose a smaller network or batch. Nothing that was saved is lost."),
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
    text = str(error)
    return (
        type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in text
        or "DefaultCPUAllocator" in text
        or "MPS backend out of memory" in text
    )


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
    return Failed(
        title=message("job.os_error", "A file could not be read or written: {reason}.", reason=reason),
        hint=message("job.os_error.hint", "Check that the project's folder and its drive are there and can be written."),
        details=details,
    )
