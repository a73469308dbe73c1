"""C8: how smooth the window stays while all layers of a network train on all cores, and what the window costs the training.

A run is fine-tuned for a while without a window and with one, in turns A B B A; the images per second come from the run's own journal.
In the first turn with the window a timer of one millisecond notes the gaps between turns of the event loop; in the second it does
not, so that the probe itself is not counted as a loss.
"""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

from benchmarks.material import end_processes_of, material
from benchmarks.peers.rounds import parser, rounds
from benchmarks.results import Result, hand_on, median, percentile, say

_CASE = "C8 event loop"
_PATIENCE_S = 400.0
_MIN_STEPS = 3


@dataclass
class Measured:
    """What all rounds came to: images a second without the window, with it, with it and the probe; gaps in s; use of the cores in %."""

    alone: list[float] = field(default_factory=list)
    watched: list[float] = field(default_factory=list)
    probed: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    window: list[float] = field(default_factory=list)
    """Seconds of a core that the window used in each minute; these hold on a busy machine, too."""


@dataclass(frozen=True)
class Watched:
    """A turn with the window."""

    rate: float
    """Images a second."""
    gaps: list[float]
    """In s, where they were noted."""
    busy: float
    """The job's use of the cores, % of one."""
    window: float
    """Seconds of a core a minute."""


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=2)
    wanted.add_argument("--seconds", type=float, default=30.0, help="of training in each turn")
    options = wanted.parse_args()
    seconds = 5.0 if options.quick else options.seconds
    found = Measured()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLSTUDIO_HOME"] = home
        try:
            folder, recipe = _prepare(Path(home))
            # Decoded images are kept by a run that is not counted.
            _train_alone(folder, recipe, seconds=1.0)
            for _number in rounds(options):
                found.alone.append(_train_alone(folder, recipe, seconds=seconds))
                probed = _train_watched(folder, recipe, probe=True, seconds=seconds)
                found.probed.append(probed.rate)
                found.gaps += probed.gaps
                found.busy.append(probed.busy)
                watched = _train_watched(folder, recipe, probe=False, seconds=seconds)
                found.watched.append(watched.rate)
                found.window.append(watched.window)
                found.alone.append(_train_alone(folder, recipe, seconds=seconds))
        finally:
            end_processes_of(Path(home))
    hand_on(_results(found))


def _results(found: Measured) -> list[Result]:
    p50, p99, worst = (1000 * percentile(found.gaps, share) for share in (0.50, 0.99, 1.0))
    # Each turn with the window against the mean of those before and after it.
    pairs = zip(found.watched, found.alone[::2], found.alone[1::2], strict=True)
    cost = median([1 - watched / ((before + after) / 2) for watched, before, after in pairs])
    seconds = f"{sum(found.gaps):.0f} s, the job used {median(found.busy):.0f} % of a core"
    spread = f"{min(found.alone):.0f} to {max(found.alone):.0f}"
    note = f"with the probe {median(found.probed):.1f}"
    return [
        Result(case=_CASE, figure="gap between turns while all layers train on all cores, median", value=p50, unit="ms", note=seconds),
        Result(case=_CASE, figure="gap between turns, 99th percentile", value=p99, unit="ms", must="≤ 33 ms", holds=p99 <= 33),
        Result(case=_CASE, figure="gap between turns, longest", value=worst, unit="ms"),
        Result(case=_CASE, figure="training without the window", value=median(found.alone), unit="images/s", note=spread),
        Result(case=_CASE, figure="training with the window", value=median(found.watched), unit="images/s", note=note),
        Result(case=_CASE, figure="what the window costs the training", value=100 * cost, unit="%", note="aim < 3"),
        Result(case=_CASE, figure="processor time of the window a minute", value=median(found.window), unit="s"),
    ]


def _prepare(home: Path):  # type: ignore[no-untyped-def]
    """A project with real images and a recipe that would train for hours; (its folder, the recipe)."""
    from tlstudio.domain.recipe import ALL_STAGES, RECIPES, FineTunePart, NetworkPart
    from tlstudio.operations import importing, projects, weights

    chosen = material("flowers5", "mobilenetv2_100.qat_in1k")
    network = NetworkPart(architecture="mobilenetv2_100")
    if chosen.weights is not None:
        card = weights.import_weights(weights.inspect_weights(chosen.weights))
        network = NetworkPart(architecture=card.architecture, weights=card.hash)
    project = projects.create_project(home / "flowers")
    report = importing.import_data(project, chosen.images)
    say(f"{report.num_added} images of {chosen.images.name}")
    project.close()
    balanced = RECIPES["balanced"].build(network)
    endless = FineTunePart(num_stages=ALL_STAGES, epochs=1000, patience=0, num_views=0)
    return home / "flowers", msgspec.structs.replace(balanced, finetune=endless)


def _train_alone(folder: Path, recipe: object, *, seconds: float) -> float:
    """Images per second of a run that nobody watches."""
    from tlstudio.jobs.watcher import Watcher
    from tlstudio.operations import projects, training

    project = projects.open_project(folder)
    try:
        job = training.start_training(project, recipe)  # type: ignore[arg-type]
        watcher = Watcher(job.folder, process=job.process)
        rate = _measure(watcher.poll, time.sleep, seconds)
        _cancel(project, job.number, watcher.poll, time.sleep)
    finally:
        project.close()
    say(f"alone: {rate:.1f} images/s")
    return rate


def _train_watched(folder: Path, recipe: object, *, probe: bool, seconds: float) -> Watched:
    """The same with the window open on the live curves."""
    from benchmarks.driver import Driver, GapProbe

    driver = Driver()
    driver.open(folder)
    driver.shell.show_panel("train")
    driver.workspace.training.start(recipe)
    driver.until(lambda: bool(driver.running()), "the run to start")
    number = driver.running()[0]
    driver.until(lambda: driver.workspace.watches.state(number) is not None, "its first word")

    def state() -> object:
        return driver.workspace.watches.state(number)

    gaps = GapProbe() if probe else None
    job = None
    window, began = psutil.Process(), (0.0, 0.0)

    def begin() -> None:
        nonlocal job, began
        began = time.perf_counter(), _cpu_s(window)
        job = psutil.Process(state().pid)  # type: ignore[attr-defined]
        job.cpu_percent()
        if gaps is not None:
            gaps.start()

    rate = _measure(state, driver.spin, seconds, begin=begin)
    per_minute = 60 * (_cpu_s(window) - began[1]) / (time.perf_counter() - began[0])
    noted = gaps.stop() if gaps is not None else []
    busy = job.cpu_percent() if job is not None else 0.0
    _cancel(driver.workspace.project, number, state, driver.spin)
    driver.close()
    say(f"with the window{' and the probe' if probe else ''}: {rate:.1f} images/s")
    return Watched(rate, noted, busy, per_minute)


def _cpu_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _measure(
    state: Callable[[], object], wait: Callable[[float], None], seconds: float, *, begin: Callable[[], None] | None = None
) -> float:
    """Images per second of the fine-tuning over `seconds`, from the first steps on."""
    deadline = time.monotonic() + _PATIENCE_S
    while len(state().steps) < _MIN_STEPS:  # type: ignore[attr-defined]
        if state().status.is_over or time.monotonic() > deadline:  # type: ignore[attr-defined]
            raise SystemExit(f"the run did not get to its fine-tuning: {state()}")
        wait(0.05)
    if begin is not None:
        begin()
    first, started = len(state().steps), time.perf_counter()  # type: ignore[attr-defined]
    while time.perf_counter() - started < seconds or len(state().steps) < first + _MIN_STEPS:  # type: ignore[attr-defined]
        wait(0.25)
    steps = [step.images_per_second for step in state().steps.since(first)]  # type: ignore[attr-defined]
    rates = [rate for rate in steps if rate]
    # The harmonic mean: steps have the same number of images, so this is all images over all of their time, validation left out.
    return len(rates) / sum(1 / rate for rate in rates)


def _cancel(project: object, number: int, state: Callable[[], object], wait: Callable[[float], None]) -> None:
    from tlstudio.domain.jobs import Command
    from tlstudio.operations import training

    training.send_command(project, number, Command.CANCEL)  # type: ignore[arg-type]
    deadline = time.monotonic() + 60
    while not state().status.is_over:  # type: ignore[attr-defined]
        if time.monotonic() > deadline:
            raise SystemExit("the run did not end")
        wait(0.05)


if __name__ == "__main__":
    main()
