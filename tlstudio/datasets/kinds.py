"""What kind of file some bytes are, by their first bytes and their end: never by the name."""

import re
import struct

_IMAGE_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)
_OTHER_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"8BPS", "a Photoshop document"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\0\0\x01\0", "an icon"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
)
_FTYP = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "a HEIC photo",
    b"heix": "a HEIC photo",
    b"hevc": "a HEIC photo",
    b"mif1": "a HEIC photo",
    b"msf1": "a HEIC photo",
    b"crx ": "a raw camera file",
}
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<script[\s>]|<body[\s>]", re.IGNORECASE)
_PNM = re.compile(rb"P[1-6fF]\s")
_JPEG_END = b"\xff\xd9"
SNIFFED_BYTES = 132
_ZERO_TAIL = 512


def image_kind(data: bytes) -> str | None:
    """The image format these first bytes promise, such as "JPEG"; None where they promise none."""
    for start, kind in _IMAGE_STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:2] == b"BM" and len(data) >= 18 and struct.unpack_from("<I", data, 14)[0] in (12, 16, 40, 52, 56, 64, 108, 124):
        return "BMP"
    if data[4:8] == b"ftyp" and _FTYP.get(data[8:12]) == "AVIF":
        return "AVIF"
    if data[128:132] == b"DICM":
        return "DICOM"  # before it stand 128 bytes that may be anything
    if _PNM.match(data):
        return "PNM"
    return None


def is_web_page(data: bytes) -> bool:
    """HTML under any name."""
    return _HTML.match(data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")) is not None


def is_lfs_pointer(data: bytes) -> bool:
    """The three-line text that Git LFS leaves in place of a file."""
    return data.startswith(b"version https://git-lfs")


def other_kind(data: bytes) -> str | None:
    """In words, what a file that is no readable image is; None where that is unknown."""
    for start, kind in _OTHER_STARTS:
        if data.startswith(start):
            return kind
    if data[4:8] == b"ftyp":
        return _FTYP.get(data[8:12], "a video")
    if data[:4] == b"RIFF":
        return "a video or a sound"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"<svg", b"<?xml")):
        return "an SVG drawing or other XML"
    if head and b"\0" not in head and sum(byte >= 32 or byte in b"\t\r\n\f" for byte in head) >= 0.97 * len(head) and _is_text(head):
        return "text"
    return None


def _is_text(head: bytes) -> bool:
    try:
        head[: len(head) - 4].decode("utf-8") if len(head) > 8 else head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def has_its_end(data: bytes, kind: str) -> bool:
    """Whether the file reaches the end that its format marks or announces; True where the format has no such mark."""
    match kind:
        case "JPEG":
            # Asked first, because looking for the last scan from the end goes through most of the file.
            return data.endswith(_JPEG_END) or data.find(_JPEG_END, max(0, data.rfind(b"\xff\xda"))) >= 0
        case "PNG":
            return data.rfind(b"IEND") >= 0
        case "GIF":
            return data.rstrip(b"\0").endswith(b";")
        case "WebP":
            return len(data) >= 12 and struct.unpack_from("<I", data, 4)[0] + 8 <= len(data) + 1
        case "BMP":
            return len(data) >= 6 and struct.unpack_from("<I", data, 2)[0] <= len(data)
    return True


def ends_in_emptiness(data: bytes) -> bool:
    """A JPEG whose tail was reserved on the disk but never written; it would decode to a grey area."""
    return data.endswith(b"\0" * _ZERO_TAIL) and image_kind(data) == "JPEG" and not has_its_end(data, "JPEG")
