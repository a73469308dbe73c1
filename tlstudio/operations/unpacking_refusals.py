"""Why a zip archive is not unpacked: one function a reason."""

from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message

_MB = 1024 * 1024


def damaged(archive: Path, error: str, *, entry: str = "") -> TLStudioError:
    """Cut off, or changed on its way; `entry`: the file in it that shows it."""
    title = message("unpack.damaged", "{name} is damaged, or no zip archive.", name=archive.name)
    if entry:
        title = message("unpack.damaged_entry", "{name} is damaged: {entry} cannot be read.", name=archive.name, entry=_shown(entry))
    return TLStudioError(
        title,
        message(
            "unpack.damaged.hint", "Nothing was changed. Fetch or copy it again, or unpack it with another program and drop the folder."
        ),
        details=error,
    )


def encrypted(archive: Path) -> TLStudioError:
    """It wants a password."""
    return TLStudioError(
        message("unpack.encrypted", "{name} is locked with a password.", name=archive.name),
        message("unpack.encrypted.hint", "Nothing was changed. Unpack it with the program that made it, then drop the folder."),
    )


def leads_outside(archive: Path, entry: str) -> TLStudioError:
    """A path that would write elsewhere."""
    return TLStudioError(
        message("unpack.outside", "{name} wants to write outside its folder: {entry}", name=archive.name, entry=_shown(entry)),
        message("unpack.outside.hint", "Nothing was changed. No data set needs that; ask where the archive is from."),
    )


def too_large(archive: Path, *, num_files: int, num_bytes: int) -> TLStudioError:
    """More files or bytes than a data set has, or far more bytes than the archive has."""
    text = "{name} would unpack to {files} files of {size} MB together, which no archive of images does."
    return TLStudioError(
        message("unpack.too_large", text, name=archive.name, files=num_files, size=num_bytes // _MB),
        message("unpack.too_large.hint", "Nothing was changed. If you trust it, unpack it with another program and drop the folder."),
    )


def no_space(archive: Path, *, needed: int, free: int) -> TLStudioError:
    """The disk of the project is too full."""
    text = "{name} needs {needed} MB on the project's disk, and {free} MB are free."
    return TLStudioError(
        message("unpack.no_space", text, name=archive.name, needed=needed // _MB, free=free // _MB),
        message("unpack.no_space.hint", "Nothing was changed. Free space, or unpack it on another disk and link the folder."),
    )


def no_images(archive: Path) -> TLStudioError:
    """Nothing in it is called like an image."""
    return TLStudioError(message("unpack.no_images", "There is no image in {name}.", name=archive.name), _NOTHING_CHANGED)


_NOTHING_CHANGED: Message = message("unpack.no_images.hint", "Nothing was changed. PNG, JPEG, TIFF, BMP, GIF, WebP and DICOM can be read.")


def not_readable(archive: Path, error: OSError) -> TLStudioError:
    """The system does not give the archive."""
    return TLStudioError(
        message("unpack.not_readable", "{name} cannot be read: {error}", name=archive.name, error=error.strerror or str(error)),
        message("unpack.not_readable.hint", "Nothing was changed. Ask its owner for read access, or check the disk it is on."),
    )


def disk_failed(archive: Path, error: OSError) -> TLStudioError:
    """Writing failed half-way."""
    return TLStudioError(
        message("unpack.disk", "{name} could not be unpacked: {error}", name=archive.name, error=error.strerror or str(error)),
        message("unpack.disk.hint", "Nothing was left behind. Free space or check the disk, then import again."),
    )


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode("utf-8")
