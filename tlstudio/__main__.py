"""The one way in: from the arguments to the window, a command, a job or the decoder; each is imported only when chosen."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}
_NO_DISPLAY = """\
There is no display here, so the window cannot open.
Everything also works in this terminal:
  tlstudio demo                 try it on the sample images
  tlstudio new MY_PROJECT       make a project
  tlstudio --help               all commands
"""
_EXIT_REFUSED = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Choose by the first argument; returns the exit code."""
    os.environ.update(_OFFLINE)
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    match arguments:
        case ["job"]:
            return _serve()
        case ["job", folder]:
            return _run_job(Path(folder))
        case ["decoder"]:
            return _decode()
        case ["convert", source, target]:
            return _convert(Path(source), Path(target))
        case []:
            return _open_window(arguments)
        case [first] if not first.startswith("-") and _is_place(first):
            return _open_window(arguments)
    return _run_command(arguments)


def _is_place(argument: str) -> bool:
    """A project or a folder to open, unless a command has that name."""
    from tlstudio.cli.table import COMMANDS

    return argument not in COMMANDS and (argument.endswith(".tlstudio") or Path(argument).exists())


def _run_job(folder: Path) -> int:
    from tlstudio.engine import worker

    worker.leave(worker.run_job(folder))


def _serve() -> int:
    from tlstudio.engine import worker

    worker.leave(worker.serve())


def _decode() -> int:
    from tlstudio.datasets import decoder

    return decoder.main() or 0


def _convert(source: Path, target: Path) -> int:
    from tlstudio.engine import convert

    return convert.main(source, target)


def _open_window(arguments: list[str]) -> int:
    if not has_display():
        print(_NO_DISPLAY, end="", file=sys.stderr)
        return _EXIT_REFUSED
    from tlstudio.ui import app

    return app.main(arguments)


def has_display() -> bool:
    """Whether a window can be shown: on Linux a display server is named, or Qt was told what to use instead."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _run_command(arguments: list[str]) -> int:
    from tlstudio.cli import main as terminal

    return terminal.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
