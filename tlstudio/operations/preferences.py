"""What this user chose for the whole program: one small file among their settings."""

import os
from pathlib import Path
from typing import Literal

import msgspec

from tlstudio import files, paths
from tlstudio.domain.recipe import is_device
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message

log = logger(__name__)

_FILE = "preferences.json"


class PlotChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What one plot of runs shows, and how."""

    curve: str
    """A row of the window's table of curves; one that is not known there counts as its first."""
    smoothing: float = 0.0
    """How much of the past stays in each point, 0..1."""
    is_log: bool = False


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """A changed copy is made with `msgspec.structs.replace`."""

    version: int = 1
    scheme: Literal["system", "light", "dark"] = "system"
    """Light or dark."""
    projects_folder: str = ""
    """Where dropped folders become projects; empty is Documents/TL Studio."""
    device: str = "auto"
    """What a training uses that does not say: auto, cpu, mps or cuda:N."""
    processes: int = 1
    """Graphics cards that train one network together, where there are so many and the device is not one of them."""
    live_model: bool = True
    """Whether a new head is judged after each change of a label."""
    plots: tuple[PlotChoice, PlotChoice] = (PlotChoice(curve="loss"), PlotChoice(curve="balanced"))
    """The plots of the Train panel, the left one first."""
    open_sections: tuple[str, ...] = ("main",)
    """Sections of a recipe's settings that stand open; ids that are not known are none."""
    good_neighbour: bool = False
    """Whether jobs leave room for other programs: priority, a thread, memory, the graphics card."""


def load() -> Preferences:
    """The user's choices; a missing or damaged file counts as none."""
    file = paths.config_dir() / _FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=Preferences)
    except FileNotFoundError:
        return Preferences()
    except (OSError, msgspec.MsgspecError) as error:
        log.info("the preferences start afresh, %s: %s", file, error)
        return Preferences()


def save(preferences: Preferences) -> None:
    """Keep the choices. Raises `TLStudioError` where the disk refuses; they then hold until the program ends."""
    file = paths.config_dir() / _FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.write_json(file, preferences)
    except OSError as error:
        raise TLStudioError(
            message("preferences.not_saved", "The setting could not be saved: {reason}.", reason=error.strerror or str(error)),
            message(
                "preferences.not_saved.hint",
                "It holds until the window closes. Check that {folder} can be written.",
                folder=str(file.parent),
            ),
        ) from error


def change(**changed: str | bool | int | tuple[PlotChoice, ...] | tuple[str, ...]) -> None:
    """Keep single choices and leave the others as they are on the disk.

    Raises `TLStudioError` as `save`, and for a device that no training could be ordered on.
    """
    device = changed.get("device")
    if device is not None and not is_device(str(device)):
        raise TLStudioError(
            message("preferences.no_device", "{device} is no device.", device=str(device)),
            message("preferences.no_device.hint", "There are auto, cpu, mps and cuda:0, cuda:1 and so on. Nothing was changed."),
        )
    save(msgspec.structs.replace(load(), **changed))


def use(preferences: Preferences) -> None:
    """Let this process, and those it starts, follow the choices that reach below the window."""
    if preferences.projects_folder:
        os.environ[paths.PROJECTS_VARIABLE] = preferences.projects_folder
    else:
        os.environ.pop(paths.PROJECTS_VARIABLE, None)


def is_usable_folder(folder: Path) -> bool:
    """Whether projects could be kept in `folder`."""
    return folder.is_dir() and os.access(folder, os.W_OK)
