"""Why a file cannot be used, in words: one function a reason, so that the same fault always reads the same."""

from tlstudio.errors import TLStudioError
from tlstudio.messages import message


def is_empty() -> TLStudioError:
    """0 bytes."""
    return TLStudioError(
        message("image.empty", "The file is empty (0 bytes)."),
        message("image.empty.hint", "Copy it again from where it came from."),
    )


def is_cut_short(kind: str) -> TLStudioError:
    """The end is missing: an interrupted copy or download."""
    return TLStudioError(
        message("image.cut_short", "The {kind} file is cut short: its end is missing.", kind=kind),
        message("image.cut_short.hint", "The copy or download was interrupted; copy it again from where it came from."),
    )


def is_damaged(kind: str, error: str) -> TLStudioError:
    """Recognised as an image, but its content contradicts itself."""
    return TLStudioError(
        message("image.damaged", "The {kind} file is damaged and cannot be decoded.", kind=kind),
        message("image.damaged.hint", "Copy it again from where it came from, or save it anew with the program that made it."),
        details=error,
    )


def is_web_page() -> TLStudioError:
    """HTML saved under an image's name."""
    return TLStudioError(
        message("image.web_page", "The file is a web page, not an image."),
        message("image.web_page.hint", "The download saved an error or login page; download the image again."),
    )


def is_lfs_pointer() -> TLStudioError:
    """Git LFS left its pointer instead of the content."""
    return TLStudioError(
        message("image.lfs_pointer", "The file is only a Git LFS pointer; the image itself was never downloaded."),
        message("image.lfs_pointer.hint", "Run “git lfs pull” in the folder it came from, then import again."),
    )


def is_other_kind(kind: str) -> TLStudioError:
    """A file of a kind that holds no pixels, or none that this program reads."""
    return TLStudioError(
        message("image.other_kind", "The file is {kind}, not an image that can be read here.", kind=kind),
        message("image.other_kind.hint", "Save the picture as PNG, TIFF or JPEG and import it again."),
    )


def is_not_an_image() -> TLStudioError:
    """Nothing recognises the first bytes."""
    return TLStudioError(
        message("image.not_an_image", "The file is not an image: its content matches no known format."),
        message("image.not_an_image.hint", "Save the picture as PNG, TIFF or JPEG and import it again."),
    )


def has_too_many_pixels(width_px: int, height_px: int, limit: int) -> TLStudioError:
    """More pixels than memory should be asked for; also what a decompression bomb looks like."""
    return TLStudioError(
        message(
            "image.too_many_pixels",
            "The image is too large: {width} × {height} pixels, the limit is {limit} million.",
            width=width_px,
            height=height_px,
            limit=limit // 1_000_000,
        ),
        message("image.too_many_pixels.hint", "Cut it into tiles or make it smaller, then import it again."),
    )


def is_too_big(num_bytes: int, limit: int) -> TLStudioError:
    """A file that is not even read."""
    return TLStudioError(
        message(
            "image.too_big", "The file is too large: {size} MB, the limit is {limit} MB.", size=num_bytes // 2**20, limit=limit // 2**20
        ),
        message("image.too_big.hint", "Cut it into tiles or make it smaller, then import it again."),
    )


def needs_too_much_memory() -> TLStudioError:
    """The decoder ran into its memory limit."""
    return TLStudioError(
        message("image.memory", "Decoding the file needs more memory than the decoder may take."),
        message("image.memory.hint", "The file may be damaged; otherwise make it smaller and import it again."),
    )


def took_too_long(limit_s: float) -> TLStudioError:
    """Decoding did not end within the time one file may take."""
    return TLStudioError(
        message("image.too_slow", "Decoding the file took longer than {limit} s and was given up.", limit=round(limit_s)),
        message("image.too_slow.hint", "If the disk or network was just slow, import the folder again; this file is then tried anew."),
    )


def crashed_the_decoder(how: str) -> TLStudioError:
    """The decoder process died on this file; the others are not touched."""
    return TLStudioError(
        message("image.crashed", "The decoder stopped at this file ({how}); the file is probably damaged.", how=how),
        message("image.crashed.hint", "Save it anew with the program that made it, then import the folder again."),
    )


def is_not_there() -> TLStudioError:
    """Gone since it was found."""
    return TLStudioError(
        message("image.missing", "The file is no longer there."),
        message("image.missing.hint", "It was moved or deleted, or its disk is not connected; bring it back and import again."),
    )


def may_not_be_read() -> TLStudioError:
    """The system refuses."""
    return TLStudioError(
        message("image.no_permission", "You are not allowed to read the file."),
        message("image.no_permission.hint", "Ask its owner for read access, then import again."),
    )


def cannot_be_opened(error: str) -> TLStudioError:
    """Any other word of the operating system."""
    return TLStudioError(
        message("image.unreadable", "The system could not read the file: {error}", error=error),
        message("image.unreadable.hint", "Check the disk or network it lies on, then import again."),
    )


def of_os_error(error: OSError) -> TLStudioError:
    """The reason behind an operating-system error while reading a file."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return is_not_there()
    if isinstance(error, PermissionError):
        return may_not_be_read()
    return cannot_be_opened(error.strerror or type(error).__name__)


def announces_too_much(limit: int) -> TLStudioError:
    """A decompression bomb whose size is not known."""
    return TLStudioError(
        message("image.bomb", "The image announces more than {limit} million pixels and was not decoded.", limit=limit // 1_000_000),
        message("image.bomb.hint", "Cut it into tiles or make it smaller, then import it again."),
    )


def holds_no_picture(what: str) -> TLStudioError:
    """A DICOM file of a kind without pixels: a report, a PDF, a plan."""
    return TLStudioError(
        message("image.dicom_no_picture", "The DICOM file holds no image: it is “{what}”.", what=what),
        message("image.dicom_no_picture.hint", "Nothing is lost by leaving it out; import the files of the series that hold images."),
    )


def is_compressed_as(name: str) -> TLStudioError:
    """A DICOM file whose compression this program does not know."""
    return TLStudioError(
        message("image.dicom_compression", "The DICOM file is compressed as “{name}”, which cannot be read here.", name=name),
        message("image.dicom_compression.hint", "Export it again without compression (Explicit VR Little Endian), then import it."),
    )


def is_whole_slide(width_px: int, height_px: int) -> TLStudioError:
    """A DICOM file whose frames are tiles of one large image."""
    return TLStudioError(
        message(
            "image.dicom_slide",
            "The DICOM file is one slide of {width} × {height} pixels, stored in tiles; slides are not put together here.",
            width=width_px,
            height=height_px,
        ),
        message("image.dicom_slide.hint", "Export the regions of interest as TIFF or PNG and import those."),
    )


def is_no_mask(kind: str) -> TLStudioError:
    """A compression that changes values is used, so that they say nothing any more."""
    return TLStudioError(
        message("image.mask_lossy", "The mask is a {kind} file, whose compression changes values; it is not used.", kind=kind),
        message("image.mask_lossy.hint", "Save it as PNG or TIFF with the program that made it, then import again."),
    )


def is_no_label_image(number: int) -> TLStudioError:
    """A photograph, or a map of probabilities."""
    return TLStudioError(
        message("image.mask_values", "The mask holds more than {number} different areas or fractions; it is not used.", number=number),
        message("image.mask_values.hint", "A mask has one whole number for each thing or class; save it so, then import again."),
    )
