"""Where everything is read from, where work lies, and how a script says in a clear word what is wrong with either."""

import argparse
import errno
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import distil
import lessons
import teachers
import views
from blake3 import blake3
from probe import SETS
from teachers import Teacher
from views import Photographs

from tlstudio.errors import TLStudioError

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample"
SIZE_PX = 128
_RULES = (views, lessons, teachers, distil)
"""Modules whose text decides what is learned."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Where everything is read from."""

    data: Path
    weights: Path

    @property
    def photographs(self) -> Path:
        """The folder of the photographs that are studied."""
        return self.data / "natural1000"

    @classmethod
    def under(cls, shared: Path) -> "Inputs":
        """The inputs in a folder. Raises `SystemExit` naming every part that is missing."""
        found = cls(data=shared / "data", weights=shared / "weights")
        needed = [
            found.photographs,
            *(found.data / name for name in SETS),
            *(found.weights / spec.file for spec in teachers.TEACHERS.values()),
        ]
        missing = [str(path) for path in needed if not path.exists()]
        if missing:
            raise SystemExit("These inputs are missing: " + ", ".join(missing) + ". Name their folder with --shared. Nothing was changed.")
        return found


def add_folders(parser: argparse.ArgumentParser) -> None:
    """`--shared` and `--work`."""
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TLSTUDIO_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "starter", help="where work in progress lies")


def work_folder(work: Path, *, masters: dict[str, Teacher], photographs: Photographs) -> Path:
    """Where the work with these teachers and photographs lies, by these rules: anything else, another folder."""
    key = blake3("".join(teacher.card.hash for teacher in masters.values()).encode())
    for module in _RULES:
        key.update(inspect.getsource(module).encode())
    for picture in photographs.pixels:
        key.update(picture.numpy().tobytes())
    return work / key.hexdigest()[:12]


@contextmanager
def clear_words(*, work: Path, kept: str) -> Iterator[None]:
    """End the script with a clear word for whatever lies in the user's world; `kept` says what is as it was."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(f"Stopped. The same command goes on from {work}; {kept}")
    except (OSError, ValueError, TLStudioError) as error:
        reason = str(error).rstrip(".")
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            reason = f"there is no room left on the disk of {error.filename or work}: make room first"
        sys.exit(f"It could not be made: {reason}. {kept} What was done lies in {work}, the same command goes on.")
