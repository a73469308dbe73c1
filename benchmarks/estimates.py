"""What was said of trainings before they started against what they took: six networks, each with three depths frozen.

The machine and the networks are measured first, as the window does. Then every training runs alone, from empty caches, to the end of its
epochs. Weights are random: they decide nothing about time.
"""

import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from benchmarks.material import end_processes_of, material
from benchmarks.results import Result, hand_on, median, say
from tlstudio import paths
from tlstudio.domain.estimates import RunEstimate
from tlstudio.domain.recipe import RECIPES, FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs.launch import StartedJob
from tlstudio.jobs.watcher import Watcher
from tlstudio.operations import estimates, probing, training
from tlstudio.operations.importing import import_data
from tlstudio.operations.projects import create_project
from tlstudio.operations.splitting import divided
from tlstudio.project.project import Project

NETWORKS = ("mobilenetv4_conv_small_050", "mobilenetv2_100", "resnet18", "vit_tiny_patch16_224", "efficientnet_b0", "regnetx_002")
_IMAGES_OF_A_CLASS = 30
_EPOCHS = 4
_SIZE_PX = {"vit_tiny_patch16_224": 224}
_OTHER_SIZE_PX = 160
_WITHIN = 1.5
_POLL_S = 0.02
_CACHES = ("features", "pixels", "prefixes")


@dataclass(frozen=True)
class Pair:
    """One training, before and after."""

    estimate: RunEstimate
    seconds: float
    peak_bytes: int

    @property
    def time_ratio(self) -> float:
        """How far off, whichever side was larger."""
        return max(self.estimate.total_s / self.seconds, self.seconds / self.estimate.total_s)

    @property
    def memory_ratio(self) -> float:
        """The same of memory."""
        return max(self.estimate.memory_bytes / self.peak_bytes, self.peak_bytes / self.estimate.memory_bytes)


def main() -> None:
    """Measure and hand on."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLSTUDIO_HOME"] = home
        try:
            pairs = _measure(Path(home))
        finally:
            end_processes_of(Path(home))
    hand_on(_results(pairs))


def _measure(home: Path) -> list[Pair]:
    source, images = material("flowers5", "").images, home / "images"
    for folder in sorted(item for item in source.iterdir() if item.is_dir()):
        target = images / folder.name
        target.mkdir(parents=True)
        for file in sorted(folder.iterdir())[:_IMAGES_OF_A_CLASS]:
            shutil.copyfile(file, target / file.name)
    parts = [NetworkPart(architecture=name, input_size_px=_SIZE_PX.get(name, _OTHER_SIZE_PX)) for name in NETWORKS]
    started = time.perf_counter()
    _follow(probing.start_probe(parts, device="cpu"))
    say(f"measuring took {time.perf_counter() - started:.0f} s")
    with contextlib.closing(create_project(home / "project")) as project:
        import_data(project, images)
        divided(project)
        return [_one(project, recipe) for part in parts for recipe in _recipes(part)]


def _recipes(part: NetworkPart) -> list[Recipe]:
    """Everything frozen, all but the last two stages, and nothing."""
    tuning = FineTunePart(epochs=_EPOCHS, patience=0)
    balanced = RECIPES["balanced"].build(part)
    return [
        msgspec.structs.replace(RECIPES["quick"].build(part), device="cpu"),
        msgspec.structs.replace(balanced, device="cpu", finetune=tuning),
        msgspec.structs.replace(balanced, device="cpu", finetune=msgspec.structs.replace(tuning, num_stages=100)),
    ]


def _one(project: Project, recipe: Recipe) -> Pair:
    for name in _CACHES:
        shutil.rmtree(paths.cache_dir() / name, ignore_errors=True)
    estimate = estimates.estimate(recipe, project.dataset())
    state, peak_bytes = _follow(training.start_training(project, recipe))
    assert state.summary is not None
    pair = Pair(estimate, state.summary.seconds, peak_bytes)
    depth = recipe.finetune.num_stages if recipe.finetune else 0
    say(
        f"{recipe.network.architecture}, {depth} stages: {pair.seconds:.1f} s, said {estimate.total_s:.1f} "
        f"({estimate.first_pass_s:.1f} + {_EPOCHS} × {estimate.epoch_s:.1f}); "
        f"{peak_bytes / 1e6:.0f} MB, said {estimate.memory_bytes / 1e6:.0f}"
    )
    return pair


def _follow(job: StartedJob) -> tuple[RunState, int]:
    """Its end, and the most memory it had."""
    watcher, process, peak = Watcher(job.folder, process=job.process), psutil.Process(job.process.pid), 0
    while not (state := watcher.poll()).status.is_over:
        with contextlib.suppress(psutil.NoSuchProcess):
            peak = max(peak, process.memory_info().rss)
        time.sleep(_POLL_S)
    if state.status is not Status.FINISHED:
        raise SystemExit(f"a job ended as {state.status}: {state.failure}")
    job.process.wait(10)
    return state, peak


def _results(pairs: list[Pair]) -> list[Result]:
    case = "estimates"
    times, memory = [pair.time_ratio for pair in pairs], [pair.memory_ratio for pair in pairs]
    must = f"≤ {_WITHIN}"
    what = f"{len(NETWORKS)} networks × 3 depths"
    within = sum(ratio <= _WITHIN for ratio in times)
    return [
        Result(
            case=case,
            figure="time, said and taken: ratio, median",
            value=median(times),
            unit="",
            must=must,
            holds=median(times) <= _WITHIN,
            note=what,
        ),
        Result(case=case, figure="the same, worst", value=max(times), unit="", must=must, holds=max(times) <= _WITHIN),
        Result(case=case, figure="trainings within that", value=within, unit=f"of {len(times)}"),
        Result(case=case, figure="memory at the peak, said and taken: ratio, median", value=median(memory), unit=""),
        Result(case=case, figure="the same, worst", value=max(memory), unit=""),
    ]


if __name__ == "__main__":
    main()
