"""One part of the pictures by itself: on the sample, in a home that is thrown away, into the folder that is named."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.camera import Camera


def take_alone(part: Callable[["Camera"], None]) -> None:
    """Open the sample and let `part` take its pictures; the folder is the first argument of the command."""
    os.environ["TLSTUDIO_NO_WARM_WORKER"] = "1"
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLSTUDIO_HOME"] = home
        _take(part, Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/screenshots"))


def _take(part: Callable[["Camera"], None], folder: Path) -> None:
    from benchmarks.camera import Camera
    from tlstudio.operations.projects import open_sample

    camera = Camera(folder)
    workspace = camera.shell.workspace
    workspace.open_with(lambda report, stop: open_sample(report, stop, kind="window"))
    camera.until(lambda: workspace.project is not None, "the sample")
    camera.settle(500)
    part(camera)
    workspace.close()
    camera.shell.close()
