"""Finds the tensors and the config.json in what a person dropped: a file, a folder, a folder of the hub's cache, or the config itself."""

from pathlib import Path

import msgspec

from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.zoo.config import CONFIG_FILE, Config, read_config
from tlstudio.zoo.header import unreadable
from tlstudio.zoo.sniff import CODE_SUFFIXES, is_checkpoint

TENSORS_FILE = "model.safetensors"
USUAL_FILES = (TENSORS_FILE, "pytorch_model.bin")
WEIGHTS_SUFFIXES = (".safetensors", *CODE_SUFFIXES)
SNAPSHOTS = "snapshots"
_INDEX_SUFFIX = ".index.json"
_HINT = (
    "Nothing was imported. A folder needs one .safetensors file or one checkpoint, with config.json beside it where there is one, as timm "
    "and the Hugging Face hub write them."
)


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where the tensors are and what stands beside them."""

    file: Path
    origin: Path
    """The file as the person has it; another than `file` once it was converted."""
    is_checkpoint: bool = False
    """A PyTorch checkpoint, which has to be converted before anything can be said of it."""
    config: Config | None = None
    hints: str = ""
    """The last parts of the path in small letters: file names often say the architecture and the tag."""


def locate(path: Path) -> Located:
    """The file of tensors that `path` stands for. Raises `TLStudioError` where there is none, or more than one."""
    path = path.absolute()
    if not (path.is_file() or path.is_dir()):  # pipes and devices would never end
        if path.is_symlink():
            raise _unfinished(path)
        raise TLStudioError(
            message("weights.no_file", "{file} is not there, or is no file.", file=str(path)),
            message("weights.no_file.hint", "Nothing was imported. Check the name, or whether the drive is connected."),
        )
    if path.name == CONFIG_FILE:
        path = path.parent
    is_folder = path.is_dir()
    if is_folder:
        path = snapshot_of(path)
    file = _in_folder(path) if is_folder else path
    config_file = file.with_name(CONFIG_FILE)
    # A file with a name of its own may lie beside the config of another; only the usual name belongs to it for certain.
    belongs = is_folder or file.name in USUAL_FILES
    try:
        checkpoint = is_checkpoint(file)
    except OSError as error:
        raise unreadable(file, error) from error
    return Located(
        file=file,
        origin=file,
        is_checkpoint=checkpoint,
        config=read_config(config_file) if belongs and config_file.is_file() else None,
        hints="/".join(file.parts[-4:]).lower(),
    )


def snapshot_of(folder: Path) -> Path:
    """In a folder of the hub's cache the files of its revision: the one "main" stands for, else the newest. Others as they are."""
    snapshots = folder / SNAPSHOTS
    if not snapshots.is_dir():
        return folder
    try:
        revision = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        revision = ""
    if revision and Path(revision).name == revision and (snapshots / revision).is_dir():
        return snapshots / revision
    found = sorted((item for item in snapshots.iterdir() if item.is_dir()), key=lambda item: item.stat().st_mtime)
    if not found:
        raise _refused("weights.folder.no_snapshot", "{folder} holds no download: its folder of snapshots is empty.", folder)
    return found[-1]


def weights_files(folder: Path) -> list[Path]:
    """The files of weights right in a folder, by their endings. Raises `OSError`, and `TLStudioError` for one that was never fetched."""
    found = sorted(item for item in folder.iterdir() if item.suffix.lower() in WEIGHTS_SUFFIXES and not item.is_dir())
    for item in found:
        if not item.exists():
            raise _unfinished(item)
    return found


def _in_folder(folder: Path) -> Path:
    try:
        files = weights_files(folder)
        is_divided = any(item.name.endswith(_INDEX_SUFFIX) for item in folder.iterdir())
    except OSError as error:
        raise unreadable(folder, error) from error
    for usual in USUAL_FILES:
        for item in files:
            if item.name == usual:
                return item
    if is_divided:
        raise _refused("weights.folder.shards", "The weights in {folder} are divided over several files.", folder)
    tensors = [item for item in files if item.suffix.lower() == ".safetensors"] or files
    if len(tensors) == 1:
        return tensors[0]
    if tensors:
        raise _refused("weights.folder.several", "{folder} holds several files of weights: drop the one you mean.", folder)
    raise _refused("weights.folder.none", "There are no weights in {folder}.", folder)


def _unfinished(file: Path) -> TLStudioError:
    return TLStudioError(
        message("weights.unfinished", "{file} only points to a file that is not there: its download was not finished.", file=file.name),
        message(
            "weights.unfinished.hint", "Nothing was imported. Copy the whole folder of the cache, its blobs too, or download it again."
        ),
    )


def _refused(id: str, title: str, folder: Path) -> TLStudioError:
    return TLStudioError(message(id, title, folder=folder.name), message("weights.folder.hint", _HINT))
