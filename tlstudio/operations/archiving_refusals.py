"""Why a project is not packed into an archive, or not taken out of one: one function a reason."""

from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message

_MB = 1024 * 1024


def at_work(name: str, job: str) -> TLStudioError:
    """A job writes into its folder at this moment."""
    return TLStudioError(
        message("archive.at_work", "A job of {name} is at work ({job}).", name=name, job=job),
        message("archive.at_work.hint", "Nothing was written. Wait until it has ended, or stop it; then pack the project."),
    )


class ImagesUnreadableError(TLStudioError):
    """Images cannot be read, so that an archive would be less than the project; it may be packed without them where a person says so."""

    def __init__(self, name: str, number: int, *, of: int) -> None:
        text = "{number} of the {total} images of {name} cannot be read."
        super().__init__(
            message("archive.images_away", text, number=number, total=of, name=name),
            message("archive.images_away.hint", "Nothing was written. Connect the drive they are on, or pack the project without them."),
        )


def no_space(target: Path, *, needed: int, free: int) -> TLStudioError:
    """The disk of the archive is too full."""
    return TLStudioError(
        message(
            "archive.no_space",
            "{name} needs {needed} MB, and {free} MB are free there.",
            name=target.name,
            needed=needed // _MB,
            free=free // _MB,
        ),
        message("archive.no_space.hint", "Nothing was written. Free space, or choose another disk."),
    )


def not_written(target: Path, error: OSError) -> TLStudioError:
    """Writing failed half-way."""
    said = error.strerror or str(error)
    return TLStudioError(
        message("archive.disk", "The archive {name} could not be written: {error}", name=target.name, error=said),
        message(
            "archive.disk.hint", "Nothing was left behind, and the project is as it was. Free space or check the disk, then try again."
        ),
    )


def not_one(archive: Path) -> TLStudioError:
    """A zip, but not of ours."""
    return TLStudioError(
        message("archive.not_one", "{name} is no project archive: its list of files is missing or not understood.", name=archive.name),
        message(
            "archive.not_one.hint",
            "Nothing was made. A zip archive of images is imported into a project instead (in the terminal: tlstudio import).",
        ),
    )


def too_new(archive: Path, version: int) -> TLStudioError:
    """Made by a later version of the program."""
    return TLStudioError(
        message(
            "archive.too_new", "{name} was made by a newer version of TL Studio (format {version}).", name=archive.name, version=version
        ),
        message("archive.too_new.hint", "Nothing was made. Install that version, then open it."),
    )


def damaged(archive: Path, entry: str, details: str = "") -> TLStudioError:
    """A file in it is missing, changed, or one too many."""
    return TLStudioError(
        message("archive.damaged", "{name} is damaged: {entry} is not as it was packed.", name=archive.name, entry=entry),
        message("archive.damaged.hint", "Nothing was made. Copy or fetch the archive again from where it came from."),
        details=details,
    )


def refused(archive: Path, details: str) -> TLStudioError:
    """Whole, but its content cannot be trusted."""
    return TLStudioError(
        message("archive.refused", "The project in {name} cannot be used.", name=archive.name),
        message("archive.refused.hint", "Nothing was made. Ask where the archive is from, and pack the project again there."),
        details=details,
    )


def not_unpacked(folder: Path, error: OSError) -> TLStudioError:
    """The folder of the project could not be put in its place."""
    said = error.strerror or str(error)
    return TLStudioError(
        message("archive.not_unpacked", "The project could not be put at {folder}: {error}", folder=str(folder), error=said),
        message("archive.not_unpacked.hint", "Nothing was left behind. Choose a folder where this user may write, with enough space."),
    )


def place_taken(folder: Path) -> TLStudioError:
    """Something is there that must not be mixed with."""
    return TLStudioError(
        message("archive.place_taken", "There is something at {folder} already.", folder=str(folder)),
        message("archive.place_taken.hint", "Nothing was made. Choose a new name for the project's folder."),
    )


def image_is_gone() -> Message:
    """Why an image is not in the archive."""
    return message("archive.image_gone", "The image is no longer there; it is not in the archive.")


def image_not_read(error: OSError) -> Message:
    """Likewise."""
    return message(
        "archive.image_unread", "The image could not be read ({error}); it is not in the archive.", error=error.strerror or str(error)
    )


def image_changed() -> Message:
    """It is in the archive as it is now."""
    return message("archive.image_changed", "The image has changed since it was imported; it is in the archive as it is now.")
