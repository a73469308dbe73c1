"""The process in which job processes are forked, as tests speak to it."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class Nursery:
    """Starts job processes quickly; each is a real process with a pid of its own."""

    def __init__(self, log: Path) -> None:
        with open(log, "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, str(REPOSITORY / "tests/faults/nursery.py")],
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._line() == "ready"

    def start(self, folder: Path, hold: tuple[str, int] | None = None) -> int:
        """The pid of a new job process, which waits where `hold` says."""
        assert self._process.stdin is not None
        self._process.stdin.write("\t".join(str(item) for item in (folder, *(hold or ()))) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def wait(self) -> int:
        """The exit code of the last one; negative for a signal."""
        return int(self._line())

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
