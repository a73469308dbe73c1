"""Finds the tensors and the config.json in what a person dropped: a file, a folder, or the config itself."""

from pathlib import Path

import msgspec

from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.zoo.config import CONFIG_FILE, Config, read_config
from tlstudio.zoo.header import unreadable
from tlstudio.zoo.sniff import CODE_SUFFIXES, refuse_foreign

TENSORS_FILE = "model.safetensors"
_INDEX_SUFFIX = ".safetensors.index.json"
_HINT = "Nothing was imported. A folder needs config.json and one .safetensors file, as timm and the Hugging Face hub write them."


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where the tensors are and what stands beside them."""

    file: Path
    config: Config | None = None
    hints: str = ""
    """The last parts of the path in small letters: file names often say the architecture and the tag."""


def locate(path: Path) -> Located:
    """The file of tensors that `path` stands for. Raises `TLStudioError` where there is none, or more than one."""
    path = path.absolute()
    if not (path.is_file() or path.is_dir()):  # pipes and devices would never end
        raise TLStudioError(
            message("weights.no_file", "{file} is not there, or is no file.", file=str(path)),
            message("weights.no_file.hint", "Nothing was imported. Check the name, or whether the drive is connected."),
        )
    if path.name == CONFIG_FILE:
        path = path.parent
    file = _in_folder(path) if path.is_dir() else path
    config_file = file.with_name(CONFIG_FILE)
    # A file with a name of its own may lie beside the config of another; only the usual name belongs to it for certain.
    belongs = path.is_dir() or file.name == TENSORS_FILE
    return Located(
        file=file,
        config=read_config(config_file) if belongs and config_file.is_file() else None,
        hints="/".join(file.parts[-4:]).lower(),
    )


def _in_folder(folder: Path) -> Path:
    try:
        files = sorted(item for item in folder.iterdir() if item.is_file())
    except OSError as error:
        raise unreadable(folder, error) from error
    if any(item.name.endswith(_INDEX_SUFFIX) for item in files):
        raise _refused("weights.folder.shards", "The weights in {folder} are divided over several files.", folder)
    tensors = [item for item in files if item.suffix.lower() == ".safetensors"]
    for item in tensors:
        if item.name == TENSORS_FILE or len(tensors) == 1:
            return item
    if tensors:
        raise _refused("weights.folder.several", "{folder} holds several .safetensors files: drop the one you mean.", folder)
    for item in files:
        if item.suffix.lower() in CODE_SUFFIXES:
            refuse_foreign(item, size=item.stat().st_size)
    raise _refused("weights.folder.none", "There are no weights in {folder}.", folder)


def _refused(id: str, title: str, folder: Path) -> TLStudioError:
    return TLStudioError(message(id, title, folder=folder.name), message("weights.folder.hint", _HINT))
