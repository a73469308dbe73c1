"""Finds the sets of weights in a folder of several: the hub's cache, torch.hub's checkpoints, a stick with a few files."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import msgspec

from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.zoo.catalogue import Catalogue
from tlstudio.zoo.config import CONFIG_FILE
from tlstudio.zoo.header import unreadable
from tlstudio.zoo.locate import SNAPSHOTS, USUAL_FILES, Located, locate, snapshot_of, weights_files
from tlstudio.zoo.recognise import refuse_unusable

HUB_PREFIX = "models--"
"""How the hub's cache calls a folder of weights."""
_INNER = ("hub", "checkpoints")
"""Where the caches of the hub and of torch.hub keep theirs, below the folder that a person may drop."""


class WeightsSet(msgspec.Struct, frozen=True, kw_only=True):
    """One set in a folder."""

    path: Path
    name: str
    """What a person knows it by."""
    size_bytes: int


def sets_in(
    path: Path, catalogue: Catalogue, *, left_out: Callable[[Path, str], None] = lambda _path, _why: None
) -> tuple[WeightsSet, ...]:
    """What `path` offers that can be used: one set for a file or the folder of one, else all in it, by name.

    A checkpoint of PyTorch counts as usable until it was looked at. About 0.2 s for each that fits no network exactly. Raises
    `TLStudioError` where there are no weights at all, or none that can be used: then with the reason of the first. `left_out` is told
    of each of several that cannot be used, with the reason.
    """
    places = _places(path)
    if len(places) == 1:
        located = locate(places[0])
        return (_set(places[0], located),)
    found, reasons = [], []
    for place in places:
        try:
            located = locate(place)
            if not located.is_checkpoint:
                refuse_unusable(located, catalogue)
            elif located.config is not None and located.config.library:
                left_out(place, located.config.library)
                continue
            found.append(_set(place, located))
        except TLStudioError as error:
            reasons.append(error)
            left_out(place, error.title.text())
    if not found:
        raise _none_usable(path, len(places), reasons)
    return tuple(sorted(found, key=lambda item: item.name.casefold()))


def holds_weights(folder: Path) -> bool:
    """Whether a dropped folder is one of weights, from the names in it: weights without images, or a cache of them."""
    if folder.name.startswith(HUB_PREFIX) or (folder / SNAPSHOTS).is_dir():
        return True
    try:
        items = list(folder.iterdir())
    except OSError:
        return False
    names = {item.name for item in items}
    if names & {CONFIG_FILE, *USUAL_FILES} or any(name.startswith(HUB_PREFIX) for name in names):
        return True
    endings = {Path(name).suffix.lower() for name in names}
    if endings & _IMAGES:
        return False
    return bool(endings & _WEIGHTS) or _folders_hold_weights(items)


def _folders_hold_weights(items: list[Path]) -> bool:
    """Whether the first folders among `items` hold weights and none of them images; as far as their first names tell."""
    is_found = False
    for folder in islice((item for item in sorted(items) if item.is_dir()), _LOOKED_INTO):
        try:
            names = [item.name for item in islice(folder.iterdir(), _LOOKED_AT)]
        except OSError:
            continue
        endings = {Path(name).suffix.lower() for name in names}
        if endings & _IMAGES:
            return False
        is_found = is_found or bool(endings & _WEIGHTS) or any(name in USUAL_FILES for name in names)
    return is_found


_WEIGHTS = {".safetensors", ".pth"}
"""Endings that nothing else has: a folder of images may well hold a `.bin`, or the `.pt` of another program."""
_LOOKED_INTO, _LOOKED_AT = 64, 256
"""Folders, and names in each: a drop is answered at once."""
_IMAGES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".dcm"}


def _places(path: Path) -> list[Path]:
    """The files and folders in `path` that are each one set; `path` itself where it is one."""
    if not path.is_dir() or path.name == CONFIG_FILE or snapshot_of(path) != path:
        return [path]
    try:
        if any((path / name).is_file() for name in (CONFIG_FILE, *USUAL_FILES)):
            return [path]
        folders = sorted(item for item in path.iterdir() if item.is_dir())
        places = [place for item in folders if item.name not in _INNER for place in _places_of_folder(item)]
        places += weights_files(path)
        places += [place for name in _INNER if (path / name).is_dir() and path / name not in places for place in _places(path / name)]
    except OSError as error:
        raise unreadable(path, error) from error
    return [place for place in places if place != path] or [path]


def _places_of_folder(folder: Path) -> list[Path]:
    """The sets in a folder of the one that was dropped: itself where it is one, else each of its files."""
    if folder.name.startswith(HUB_PREFIX) or any((folder / name).is_file() for name in USUAL_FILES):
        return [folder]
    try:
        files = [item for item in folder.iterdir() if item.suffix.lower() in _WEIGHTS and item.is_file()]
    except OSError:
        return [folder]  # it is told with its reason when it is looked for weights
    return [folder] if len(files) == 1 else sorted(files)


def _set(place: Path, located: Located) -> WeightsSet:
    return WeightsSet(path=place, name=place.name.removeprefix(HUB_PREFIX).replace("--", "/"), size_bytes=located.file.stat().st_size)


def _none_usable(path: Path, num: int, reasons: list[TLStudioError]) -> TLStudioError:
    title = message("weights.sets.none", "None of the {num} sets of weights in {folder} can be used here.", num=num, folder=path.name)
    hint = message(
        "weights.sets.none.hint",
        "Nothing was imported. TL Studio reads the classifiers of timm and torchvision; drop one alone to see why.",
    )
    return TLStudioError(title, hint, details="\n".join(str(reason) for reason in reasons))
