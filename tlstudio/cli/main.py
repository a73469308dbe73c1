"""From the arguments to an exit code: chooses the command and turns every failure into words, in this one place."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from tlstudio import __version__, paths
from tlstudio.cli.table import COMMANDS
from tlstudio.cli.terminal import EXIT_BUG, EXIT_REFUSED, EXIT_STOPPED, EXIT_WRONG_USE, Terminal
from tlstudio.errors import TLStudioError
from tlstudio.log import log_to_file, logger

log = logger(__name__)

_FIRST_STEPS = """\
first steps:
  tlstudio new insects
  tlstudio import insects photographs/
  tlstudio train insects
  tlstudio evaluate insects
`tlstudio COMMAND --help` says what each command takes.

"""
_EPILOG = """\
exit codes:
  0    done
  1    a mistake of the program; the log says more
  2    wrong use of the command
  3    refused: something in the files, the project or the machine does not allow it
  4    the job failed or was interrupted
  130  stopped on request (Ctrl+C)

Without a command, or with a project's folder, the window opens.
"""


class CommandModule(Protocol):
    """What the file of a command offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace, terminal: Terminal) -> int: ...


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. Wrong use leaves through `SystemExit(2)`, as argparse does."""
    _tolerate_any_name()
    terminal = Terminal(json="--json" in arguments)
    log_file = paths.log_dir() / "terminal.log"
    log_to_file(log_file)
    try:
        module, parsed = _parse(list(arguments))
        return module.run(parsed, terminal)
    except TLStudioError as error:
        terminal.refuse(error)
        return EXIT_REFUSED
    except argparse.ArgumentError as error:
        # Arguments that argparse took one by one and that mean nothing together.
        terminal.say(f"tlstudio: error: {error}")
        return EXIT_WRONG_USE
    except KeyboardInterrupt:
        terminal.say("Stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        # Whoever read our output has gone, such as `head`; nothing can be said to them any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_STOPPED
    except Exception:
        # The border of the terminal: a bug is told as one, and the traceback goes to the log.
        log.exception("the command failed: %s", list(arguments))
        terminal.confess(log_file)
        return EXIT_BUG


def _parse(arguments: list[str]) -> tuple[CommandModule, argparse.Namespace]:
    """Only the chosen command's file is imported, and only its arguments are known."""
    parser = argparse.ArgumentParser(
        prog="tlstudio",
        description="Transfer learning on a desktop: without code and without the internet.",
        epilog=_FIRST_STEPS + _EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tlstudio {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((item for item in arguments if not item.startswith("-")), None)
    module: CommandModule | None = None
    for spec in COMMANDS.values():
        command = commands.add_parser(
            spec.name,
            help=spec.sentence,
            description=spec.sentence,
            epilog=_EPILOG.partition("\n\n")[0],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if spec.name == chosen:
            module = cast(CommandModule, importlib.import_module(spec.module))
            module.add_arguments(command)
            add_json(command)
    parsed = parser.parse_args(arguments)
    assert module is not None, "argparse accepted a command that was not chosen"
    return module, parsed


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`, on every command."""
    parser.add_argument("--json", action="store_true", help="write one JSON document to stdout; progress goes to stderr")


def _tolerate_any_name() -> None:
    """A file name that the terminal's encoding cannot show is shown with marks instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
