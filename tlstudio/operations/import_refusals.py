"""Why an import does not begin or cannot go on: one function a reason."""

from pathlib import Path
from shlex import quote

from tlstudio.datasets.scan import Scan
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, commonest, message


def not_there(source: Path) -> TLStudioError:
    """The folder is gone, or its name is wrong."""
    return TLStudioError(
        message("import.not_there", "There is no folder {path}.", path=_shown(source)),
        message("import.not_there.hint", "Nothing was changed. Check the name, or connect the disk it is on."),
    )


def is_a_project(source: Path) -> TLStudioError:
    """A project was dropped where data belongs."""
    return TLStudioError(
        message("import.is_project", "{path} is a project, not a folder of images.", path=_shown(source)),
        message("import.is_project.hint", "Nothing was changed. Open it with “Open project” instead."),
    )


def is_packed_project(source: Path) -> TLStudioError:
    """A project in one file, where data belongs."""
    return TLStudioError(
        message("import.is_packed", "{name} is a packed project, not a folder of images.", name=source.name),
        message(
            "import.is_packed.hint",
            "Nothing was changed. Drop it on the start page, or take it out in the terminal: tlstudio unarchive {path} --out FOLDER",
            path=quote(_shown(source)),
        ),
    )


def no_image_file(source: Path, reason: Message) -> TLStudioError:
    """One file, and no image: perhaps a table or annotations, which count beside their images."""
    return TLStudioError(
        message("import.no_image_file", "{name} cannot be imported by itself: {reason}", name=source.name, reason=reason),
        message(
            "import.no_image_file.hint",
            "Nothing was changed. For labels and their images, give the folder it lies in: {folder}",
            folder=_shown(source.parent),
        ),
    )


def not_readable(source: Path, error: OSError) -> TLStudioError:
    """The system does not list the folder."""
    return TLStudioError(
        message(
            "import.not_readable", "The folder {path} cannot be read: {error}", path=_shown(source), error=error.strerror or str(error)
        ),
        message("import.not_readable.hint", "Nothing was changed. Ask its owner for read access, or check the disk it is on."),
    )


def nothing_found(found: Scan) -> TLStudioError:
    """An empty folder, or one in which nothing is an image; says what there was instead."""
    if not found.skipped:
        return TLStudioError(
            message("import.empty", "The folder {path} is empty.", path=_shown(found.source)),
            message("import.empty.hint", "Nothing was changed. Choose a folder with one sub-folder of images for each class."),
        )
    reason, number = commonest(item.reason for item in found.skipped)
    text = "Nothing was changed. Files left out: {total}; {number} of them: {reason} PNG, JPEG, TIFF, BMP, GIF, WebP and DICOM can be read."
    return TLStudioError(
        message("import.no_images", "There is no image in {path}.", path=_shown(found.source)),
        message(
            "import.no_images.hint",
            text,
            total=len(found.skipped),
            number=number,
            reason=reason,
        ),
    )


def disk_failed(error: OSError) -> TLStudioError:
    """Copying failed half-way."""
    return TLStudioError(
        message("import.disk_failed", "The import could not go on: {error}", error=error.strerror or str(error)),
        message("import.disk_failed.hint", "The images imported so far are safe. Free space or check the disk, then import again."),
    )


def _shown(path: Path) -> str:
    """Names that are no valid text are shown with replacement characters."""
    return str(path).encode("utf-8", "replace").decode("utf-8")
