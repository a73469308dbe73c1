"""Half an hour of work: the real window, one small run after the other, and what memory, files and threads do meanwhile.

`python -m benchmarks.soak --minutes 30`. The window is looked at after each run, when it has nothing left to do; the job at its first
word and just before its end. Growth is the slope of a line through all runs but the first third, which fill caches, times the length of the
soak. Every look is a line of build/bench/soak.jsonl. A run is *Quick* or a short *Balanced* in turns, and every third is looked at in
Evaluate.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import psutil

from benchmarks.driver import Driver
from benchmarks.material import end_processes_of, small_project
from benchmarks.results import Result, hand_on, median, say

_CASE = "soak"
_FILE = Path("build/bench/soak.jsonl")
_LEAST_RUNS = 6
_WARM_SHARE = 1 / 3
"""Of the runs: caches fill in them, until both recipes and every panel were seen often."""
_LARGEST_GROWTH = 0.05
"""Of the window's memory, over the whole soak."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A process at one moment."""

    time_s: float
    """Since the soak began."""
    memory_mb: float
    """Resident."""
    num_files: int
    num_threads: int


@dataclass(frozen=True, kw_only=True)
class Round:
    """One run: the window when it was over, the job at its start and its end."""

    recipe: str
    status: str
    """Finished, where nothing went wrong."""
    window: Look
    job_start: Look | None
    """None where the job was gone before it could be looked at."""
    job_end: Look | None


def main() -> None:
    """Measure and hand on."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--minutes", type=float, default=30.0)
    wanted.add_argument("--images", type=int, default=200)
    options = wanted.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLSTUDIO_HOME"] = home
        try:
            rounds = _soak(small_project(Path(home), options.images), seconds=60 * options.minutes)
        finally:
            end_processes_of(Path(home))
    hand_on(_results(rounds))


def _soak(folder: Path, *, seconds: float) -> list[Round]:
    driver, started = Driver(), time.monotonic()
    driver.open(folder)
    _FILE.parent.mkdir(parents=True, exist_ok=True)
    _FILE.write_text("")
    rounds: list[Round] = []
    for number in count():
        if time.monotonic() - started > seconds and len(rounds) >= _LEAST_RUNS:
            break
        rounds.append(_one(driver, number, started))
        with _FILE.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(rounds[-1])) + "\n")
        say(f"run {number + 1}: {rounds[-1].status}, window {rounds[-1].window.memory_mb:.0f} MB")
    driver.close()
    return rounds


def _one(driver: Driver, number: int, started: float) -> Round:
    """A run in the window, watched to its end and, every third, judged."""
    recipe = _recipe(number)
    known = {run.number for run in driver.workspace.runs}
    driver.shell.show_panel("train")
    driver.workspace.training.start(recipe)
    driver.until(lambda: bool({run.number for run in driver.workspace.runs} - known), "the run to begin")
    run = max({run.number for run in driver.workspace.runs} - known)
    first: Look | None = None
    last: Look | None = None
    while run in driver.running():
        state = driver.workspace.watches.state(run)
        seen = _look(state.pid, started) if state is not None and state.pid is not None else None
        first, last = first or seen, seen or last
        driver.spin(0.1)
    if number % 3 == 2:
        driver.shell.show_panel("evaluate")
        driver.spin(1.0)
    driver.until(lambda: driver.workspace.background.is_idle, "rest")
    driver.spin(0.5)
    window = _look(os.getpid(), started)
    assert window is not None
    status = next(str(item.status) for item in driver.workspace.runs if item.number == run)
    return Round(recipe=recipe.name, status=status, window=window, job_start=first, job_end=last)


def _recipe(number: int):  # type: ignore[no-untyped-def]
    from tlstudio.domain.recipe import RECIPES
    from tlstudio.operations.weights import default_network

    recipe = msgspec.structs.replace(RECIPES[("quick", "balanced")[number % 2]].build(default_network()), seed=number)
    if recipe.finetune is None:
        return recipe
    return msgspec.structs.replace(recipe, finetune=msgspec.structs.replace(recipe.finetune, epochs=3, patience=0))


def _look(pid: int, started: float) -> Look | None:
    """A process now; None where it has gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return Look(
                time_s=time.monotonic() - started,
                memory_mb=process.memory_info().rss / 1e6,
                num_files=process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
                num_threads=process.num_threads(),
            )
    except psutil.NoSuchProcess:
        return None


def growth(looks: Sequence[Look]) -> float:
    """MB that a line through the looks rises from the first to the last."""
    times, memory = np.array([look.time_s for look in looks]), np.array([look.memory_mb for look in looks])
    if len(looks) < 2 or times[-1] == times[0]:
        return 0.0
    return float(np.polyfit(times - times[0], memory, 1)[0] * (times[-1] - times[0]))


def _results(rounds: Sequence[Round]) -> list[Result]:
    warm = rounds[int(_WARM_SHARE * len(rounds)) :]
    windows = [item.window for item in warm]
    first, last = windows[0], windows[-1]
    minutes = (last.time_s - first.time_s) / 60
    grown, most = growth(windows), _LARGEST_GROWTH * first.memory_mb
    note = f"{len(rounds)} runs, {minutes:.0f} minutes, the line through all: {60 * grown / max(minutes, 1e-9):+.0f} MB an hour"
    results = [
        Result(case=_CASE, figure="window after the first run", value=rounds[0].window.memory_mb, unit="MB", note=_words(rounds[0].window)),
        Result(case=_CASE, figure="window after a third of the runs", value=first.memory_mb, unit="MB", note=_words(first)),
        Result(case=_CASE, figure="window at the end", value=last.memory_mb, unit="MB", note=_words(last)),
        Result(
            case=_CASE,
            figure="growth of the window",
            value=grown,
            unit="MB",
            must=f"≤ {_LARGEST_GROWTH:.0%}",
            holds=grown <= most,
            note=note,
        ),
        _steady("files the window has open, more than at first", [look.num_files for look in windows]),
        _steady("threads of the window, more than at first", [look.num_threads for look in windows]),
    ]
    bad = [item.status for item in rounds if item.status != "finished"]
    results.append(
        Result(case=_CASE, figure="runs that did not finish", value=len(bad), unit="", must="0", holds=not bad, note=", ".join(bad))
    )
    for recipe in sorted({item.recipe for item in warm}):
        results += _of_jobs(recipe, [item for item in warm if item.recipe == recipe])
    return results


def _of_jobs(recipe: str, rounds: list[Round]) -> list[Result]:
    """Memory of the jobs of one recipe at their ends, early and late in the soak."""
    starts = [item.job_start.memory_mb for item in rounds if item.job_start is not None]
    ends = [item.job_end.memory_mb for item in rounds if item.job_end is not None]
    if not ends:
        return []
    third, note = max(1, len(ends) // 3), f"at its start {median(starts or [0.0]):.0f} MB, {len(ends)} runs"
    return [
        Result(case=_CASE, figure=f"job of {recipe} at its end, {title}", value=median(part), unit="MB", note=note)
        for title, part in (("the first third", ends[:third]), ("the last third", ends[-third:]))
    ]


def _steady(figure: str, numbers: list[int]) -> Result:
    """The median of the last third less that of the first."""
    third = max(1, len(numbers) // 3)
    more = median(numbers[-third:]) - median(numbers[:third])
    return Result(case=_CASE, figure=figure, value=more, unit="", must="≤ 2", holds=more <= 2, note=f"{numbers[0]} at first")


def _words(look: Look) -> str:
    return f"{look.num_files} files, {look.num_threads} threads"


if __name__ == "__main__":
    main()
