"""Tells what a file that should be safetensors really is, from its first bytes; never opens it any further."""

from pathlib import Path
from typing import NamedTuple

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.shown import shown

_HEAD_BYTES = 512

_CONVERT = message(
    "weights.code.hint",
    "Nothing was imported and nothing in the file was run. Where you trust its origin, load it there in PyTorch, save the tensors with "
    "safetensors.torch.save_file, and import that file.",
)
_AGAIN = message("weights.again.hint", "Nothing was imported. Get the file again from where it was made.")
_OTHER = message(
    "weights.kind.hint", "Nothing was imported. Import a .safetensors file, or a folder with config.json and model.safetensors."
)

CODE_SUFFIXES = (".pth", ".pt", ".bin", ".th", ".ckpt", ".pkl", ".pickle", ".tar")
"""What PyTorch's pickled checkpoints are usually called."""


def refuse_foreign(path: Path, *, size: int) -> None:
    """Raise `TLStudioError` where the first bytes or the name show that `path` is something else. Raises `OSError`."""
    if size == 0:
        raise TLStudioError(message("weights.empty", "{file} is empty.", file=shown(path)), _AGAIN)
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
    if _is_code(head) or path.suffix.lower() in CODE_SUFFIXES:
        text = "{file} is not safetensors but a PyTorch checkpoint, which can carry code; such files are never opened."
        raise TLStudioError(message("weights.code", text, file=shown(path)), _CONVERT)
    for magic, found in _FOREIGN.items():
        if head.lstrip().lower().startswith(magic.lower()):
            title = message(found.title.id, found.title.template, file=shown(path))
            raise TLStudioError(title, found.hint)
    if path.suffix.lower() != ".safetensors":
        raise TLStudioError(message("weights.suffix", "{file} is not a .safetensors file.", file=shown(path)), _OTHER)


def _is_code(head: bytes) -> bool:
    """Pickles of protocol 2 to 5 (a brace after eight bytes would be a safetensors header), and PyTorch's zip archives around one."""
    is_pickle = len(head) > 2 and head[0] == 0x80 and head[1] in (2, 3, 4, 5) and head[8:9] != b"{"
    return is_pickle or (head.startswith(b"PK\x03\x04") and b".pkl" in head)


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
    b"PK\x03\x04": _Foreign(message("weights.is_zip", "{file} holds no weights: it is a zip archive.")),
    b"\x1f\x8b": _Foreign(message("weights.is_gzip", "{file} holds no weights: it is a compressed archive.")),
    b"\x89HDF": _Foreign(message("weights.is_hdf5", "{file} holds no weights that fit: it is an HDF5 file, as Keras writes them.")),
    b"GGUF": _Foreign(message("weights.is_gguf", "{file} holds no weights that fit: it is a GGUF file of a language model.")),
    b"\x93NUMPY": _Foreign(message("weights.is_numpy", "{file} holds no weights that fit: it is a NumPy array.")),
}
"""First bytes (case and blanks before them do not count) -> what the file is."""
