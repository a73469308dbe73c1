"""Telling a running job what to do: one small file, replaced atomically; the last word counts."""

from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.domain.jobs import CONTROL_FILE, Command, Control


def send(folder: Path, command: Command) -> None:
    """Leave `command` for the job in `folder`; it acknowledges in its journal. Raises `OSError`."""
    files.write_json(folder / CONTROL_FILE, Control(command=command))


def last_command(folder: Path) -> Command:
    """What the job was told last; RUN where it was told nothing."""
    try:
        return msgspec.json.decode((folder / CONTROL_FILE).read_bytes(), type=Control).command
    except (FileNotFoundError, msgspec.MsgspecError):
        return Command.RUN
