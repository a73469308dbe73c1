"""A hundred thousand images in the real window: taken in, stopped in the middle and gone on with, opened again, scrolled from end to end.

`python -m benchmarks.scale --images 5000` tries it with fewer. Every part runs in a process of its own, so that the memory of one is
not counted for the next.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil

from benchmarks.material import end_processes_of
from benchmarks.results import Result, hand_on, say

if TYPE_CHECKING:
    from benchmarks.driver import Driver
    from benchmarks.scrolling import Frame
    from tlstudio.ui.widgets.thumb_grid import ThumbGrid

T = TypeVar("T")

NUM_IMAGES = 100_000
_NUM_REMADE = 5000
_PATIENCE_S = 3600.0
_FRAME_MS = 16
_LIMIT_MS = 33
_MAX_MB = 350
_MAX_OPEN_S = 2.0
_ROWS_A_FRAME = 4
_JUMPS = 300


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What taking the images in came to; times in s."""

    num_first: int
    """Images that were in when it was stopped."""
    first_s: float
    stop_s: float
    """From the press on Stop to its end."""
    again_s: float
    num_known: int
    """Images that the second import found as they were."""
    num_added: int
    num_set_aside: int
    gaps: list[float]
    peak_mb: float


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What opening and scrolling came to; times in s."""

    first_s: float
    """From the wish to open it until a picture is on the screen."""
    all_s: float
    """The same, until every image on the screen is there."""
    work_s: float
    """Of processors, until the first."""
    wheel: "list[Frame]"
    jumps: "list[Frame]"
    settled_s: float
    """From the last movement until every image on the screen is there."""
    resident_mb: float
    peak_mb: float


def main() -> None:
    """Measure and hand on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=int(os.environ.get("TLSTUDIO_BENCH_IMAGES", NUM_IMAGES)))
    parser.add_argument("--folder", type=Path, help="where images that were made before lie; made there where they are missing")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TLSTUDIO_HOME": home, "TLSTUDIO_NO_WARM_WORKER": "1"}
        images, project = chosen.folder or Path(home) / "images", Path(home) / "project"
        try:
            results = _measure(images, project, chosen.images)
        finally:
            end_processes_of(Path(home))
    hand_on(results)


def _measure(images: Path, project: Path, number: int) -> list[Result]:
    from benchmarks.many_images import make_images

    started = time.perf_counter()
    if not images.exists():
        make_images(images, number)
        say(f"{number} images made in {time.perf_counter() - started:.0f} s")
    imported = _alone(take_in, images, project)
    opened = _alone(open_and_scroll, project)
    per_second = _alone(make_previews, project)
    return [*_of_import(number, imported), *_of_opening(opened), _result("thumbnails made again", per_second, "images/s")]


def _alone(stage: Callable[..., T], *arguments: object) -> T:
    """`stage` in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(stage, *arguments).result(_PATIENCE_S)


def _of_import(number: int, found: Imported) -> list[Result]:
    num_in = found.num_known + found.num_added
    once = found.num_known == found.num_first and num_in == number and not found.num_set_aside
    total_s = found.first_s + found.again_s
    return [
        _result(f"{number} images indexed, with thumbnails", number / total_s, "images/s", note=f"{total_s:.0f} s"),
        _result("images done again after a stop in the middle", num_in - number, "", must="0", holds=once, note=f"at {found.num_first}"),
        _result("press on Stop until it has ended", found.stop_s, "s"),
        _result("event loop meanwhile, 99th percentile", 1000 * _percentile(found.gaps, 0.99), "ms"),
        _result("event loop meanwhile, longest", 1000 * max(found.gaps), "ms"),
        _result("memory of the window meanwhile, peak", found.peak_mb, "MB", must=f"≤ {_MAX_MB}", holds=found.peak_mb <= _MAX_MB),
    ]


def _of_opening(found: Opened) -> list[Result]:
    return [
        _result("opened again, first images", found.first_s, "s", must=f"≤ {_MAX_OPEN_S:.0f}", holds=found.first_s <= _MAX_OPEN_S),
        _result("opened again, the window's own work until then", found.work_s, "s"),
        _result("opened again, all images on the screen", found.all_s, "s"),
        *_of_frames(f"wheel from top to bottom, {_ROWS_A_FRAME} rows a frame", found.wheel),
        *_of_frames(f"scroll bar pulled down in {_JUMPS} jumps", found.jumps),
        _result("end of scrolling until all images are there", found.settled_s, "s"),
        _result("memory of the window after scrolling", found.resident_mb, "MB"),
        _result("memory of the window, peak", found.peak_mb, "MB", must=f"≤ {_MAX_MB}", holds=found.peak_mb <= _MAX_MB),
    ]


def _of_frames(what: str, frames: "list[Frame]") -> list[Result]:
    wall, own = [1000 * frame.wall for frame in frames], [1000 * frame.own for frame in frames]
    late, slow = (sum(time_ms > _LIMIT_MS for time_ms in times) for times in (wall, own))
    longest = f"99th percentile {_percentile(wall, 0.99):.0f} ms, longest {max(wall):.0f} ms, of {len(frames)}"
    own_note = f"median {_percentile(own, 0.5):.1f} ms, 99th percentile {_percentile(own, 0.99):.1f} ms, longest {max(own):.1f} ms"
    return [
        _result(f"{what}: frames over {_LIMIT_MS} ms by the clock", late, "", must="goal 0", holds=late == 0, note=longest),
        _result(f"{what}: frames over {_LIMIT_MS} ms of the window's own work", slow, "", must="0", holds=slow == 0, note=own_note),
    ]


def _result(figure: str, value: float, unit: str, *, must: str = "", holds: bool | None = None, note: str = "") -> Result:
    return Result(case="many images", figure=figure, value=value, unit=unit, must=must, holds=holds, note=note)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


# --- the parts, each in a process of its own


def take_in(images: Path, folder: Path) -> Imported:
    """Import in the window, stop in the middle, import again."""
    from benchmarks.driver import GapProbe
    from tlstudio.domain.imports import ImportReport
    from tlstudio.domain.progress import Progress
    from tlstudio.operations.projects import create_project

    create_project(folder).close()
    driver = _window()
    driver.open(folder)
    imports = driver.workspace.imports
    progress: list[Progress] = []
    reports: list[ImportReport] = []
    imports.progressed.connect(progress.append)
    imports.ended.connect(reports.append)
    probe = GapProbe()
    probe.start()
    started = time.perf_counter()
    imports.start(images)
    driver.until(
        lambda: bool(progress and progress[-1].total and progress[-1].done >= progress[-1].total / 2), "half", patience_s=_PATIENCE_S
    )
    stopped = time.perf_counter()
    imports.stop()
    driver.until(lambda: len(reports) == 1, "the end of the stopped import")
    again = time.perf_counter()
    say(f"stopped with {reports[0].num_added} in after {again - started:.1f} s")
    imports.start(images)
    driver.until(lambda: len(reports) == 2, "the rest", patience_s=_PATIENCE_S)
    ended = time.perf_counter()
    driver.until(lambda: driver.workspace.background.is_idle, "the newest figures")
    say(f"{reports[1].num_added} more after {ended - again:.1f} s, {reports[1].num_known} were known")
    found = Imported(
        num_first=reports[0].num_added,
        first_s=again - started,
        stop_s=again - stopped,
        again_s=ended - again,
        num_known=reports[1].num_known,
        num_added=reports[1].num_added,
        num_set_aside=reports[0].num_set_aside + reports[1].num_set_aside,
        gaps=probe.stop(),
        peak_mb=_peak_mb(),
    )
    driver.close()
    return found


def open_and_scroll(folder: Path) -> Opened:
    """Open the project in a window that has just started and scroll all the way, by wheel and by scroll bar."""
    from benchmarks.scrolling import PaintProbe, pull, spin

    driver = _window()
    driver.spin(1.5)
    workspace, started = driver.workspace, time.perf_counter()
    worked = time.process_time()
    workspace.open(folder)
    driver.until(lambda: workspace.project is not None, "the project")
    grid = driver.shell.panels.panel("data").grid  # type: ignore[union-attr]
    driver.until(lambda: _num_shown(driver, grid) > 0, "the first images")
    first_s, work_s = time.perf_counter() - started, time.process_time() - worked
    driver.until(lambda: _num_shown(driver, grid) == len(grid.visible_ids()), "all images on the screen")
    all_s = time.perf_counter() - started
    say(f"open: first images after {first_s:.2f} s, all after {all_s:.2f} s, {_resident_mb():.0f} MB")
    driver.until(lambda: workspace.background.is_idle, "quiet")
    driver.spin(1.0)
    probe = PaintProbe(grid)
    spin(driver, grid, rows=_ROWS_A_FRAME, every_ms=_FRAME_MS)
    wheel = probe.take()
    pull(driver, grid, jumps=_JUMPS, every_ms=_FRAME_MS)
    jumps, ended = probe.take(), time.perf_counter()
    driver.until(lambda: _num_shown(driver, grid) == len(grid.visible_ids()), "the last images")
    found = Opened(
        first_s=first_s,
        all_s=all_s,
        work_s=work_s,
        wheel=wheel,
        jumps=jumps,
        settled_s=time.perf_counter() - ended,
        resident_mb=_resident_mb(),
        peak_mb=_peak_mb(),
    )
    driver.close()
    return found


def make_previews(folder: Path) -> float:
    """Thumbnails a second where the cache was emptied."""
    from tlstudio.operations import projects, thumbnails

    project = projects.open_project(folder)
    try:
        samples = project.dataset().ready[:_NUM_REMADE]
        thumbnails.thumbnail_store(project).file.unlink()
        with thumbnails.thumbnail_store(project) as store:
            started = time.perf_counter()
            number = thumbnails.make_missing(project, store, samples)
            return number / (time.perf_counter() - started)
    finally:
        project.close()


def _window() -> "Driver":
    """The window with its garbage collector, as `tlstudio.ui.app` runs it."""
    from benchmarks.driver import Driver
    from tlstudio.ui.collector import Collector

    driver = Driver()
    Collector(driver.application)
    return driver


def _num_shown(driver: "Driver", grid: "ThumbGrid") -> int:
    """How many of the visible tiles have their picture."""
    from tlstudio.ui.thumbnails import Wish

    tiles = [grid.describe(id) for id in grid.visible_ids()]
    return sum(driver.workspace.thumbnails.get(Wish(tile.content_hash, 0)) is not None for tile in tiles)


def _resident_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak_mb() -> float:
    """The most that was resident at once, shared libraries included."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main()
