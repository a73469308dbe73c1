"""Tells what a file of weights really is, from its first bytes; never opens it any further."""

from pathlib import Path
from typing import NamedTuple

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.shown import shown

_HEAD_BYTES = 512

_CONVERT = message("weights.code.hint", "Nothing was imported and nothing in the file was run. Import it in Models: it is converted there.")
_AGAIN = message("weights.again.hint", "Nothing was imported. Get the file again from where it was made.")
_OTHER = message(
    "weights.kind.hint",
    "Nothing was imported. Import a .safetensors file, a PyTorch checkpoint, or a folder with config.json and model.safetensors.",
)

CODE_SUFFIXES = (".pth", ".pt", ".bin", ".th", ".ckpt", ".pkl", ".pickle", ".tar", ".pt2")
"""What PyTorch's pickled checkpoints are usually called; those with another ending are known by their first bytes."""
_SAFETENSORS_SUFFIX = ".safetensors"


def is_checkpoint(path: Path) -> bool:
    """Whether `path` is a PyTorch checkpoint, which only the throw-away process opens; False for safetensors.

    Raises `TLStudioError` where it is neither, and `OSError`.
    """
    if path.stat().st_size == 0:
        raise TLStudioError(message("weights.empty", "{file} is empty.", file=shown(path)), _AGAIN)
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
    has_suffix = path.suffix.lower() in CODE_SUFFIXES
    if _is_code(head) or (has_suffix and head.startswith(_ZIP)):
        return True
    for magic, found in _FOREIGN.items():
        if head.lstrip().lower().startswith(magic.lower()):
            title = message(found.title.id, found.title.template, file=shown(path))
            raise TLStudioError(title, found.hint)
    is_headed = head[8:9] == b"{"
    if path.suffix.lower() != _SAFETENSORS_SUFFIX and not has_suffix:
        raise TLStudioError(message("weights.suffix", "{file} is not a .safetensors file, and no checkpoint.", file=shown(path)), _OTHER)
    return has_suffix and not is_headed


def refuse_foreign(path: Path) -> None:
    """Raise `TLStudioError` where the first bytes or the name show that `path` is not safetensors. Raises `OSError`."""
    if is_checkpoint(path):
        text = "{file} is not safetensors but a PyTorch checkpoint, which can carry code; it is only opened to be converted."
        raise TLStudioError(message("weights.code", text, file=shown(path)), _CONVERT)


def _is_code(head: bytes) -> bool:
    """Pickles of protocol 2 to 5 (a brace after eight bytes would be a safetensors header), and PyTorch's zip archives around one."""
    is_pickle = len(head) > 2 and head[0] == 0x80 and head[1] in (2, 3, 4, 5) and head[8:9] != b"{"
    return is_pickle or (head.startswith(_ZIP) and b".pkl" in head)


_ZIP = b"PK\x03\x04"


class _Foreign(NamedTuple):
    title: Message
    hint: Message = _OTHER


_LFS = _Foreign(
    message("weights.is_lfs", "{file} holds no weights: it is a Git LFS pointer, a few lines that stand for the real file."),
    message("weights.is_lfs.hint", "Nothing was imported. Fetch the file itself, for example with git lfs pull, then import it."),
)
_WEB_PAGE = _Foreign(message("weights.is_page", "{file} holds no weights: it is a web page that was saved in place of the file."), _AGAIN)

_FOREIGN: dict[bytes, _Foreign] = {
    b"version https://git-lfs": _LFS,
    b"<!doctype": _WEB_PAGE,
    b"<html": _WEB_PAGE,
    b"<?xml": _WEB_PAGE,
    _ZIP: _Foreign(message("weights.is_zip", "{file} holds no weights: it is a zip archive.")),
    b"\x1f\x8b": _Foreign(message("weights.is_gzip", "{file} holds no weights: it is a compressed archive.")),
    b"\x89HDF": _Foreign(message("weights.is_hdf5", "{file} holds no weights that fit: it is an HDF5 file, as Keras writes them.")),
    b"GGUF": _Foreign(message("weights.is_gguf", "{file} holds no weights that fit: it is a GGUF file of a language model.")),
    b"\x93NUMPY": _Foreign(message("weights.is_numpy", "{file} holds no weights that fit: it is a NumPy array.")),
}
"""First bytes (case and blanks before them do not count) -> what the file is."""
