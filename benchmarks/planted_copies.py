"""The leak gate on real photographs: what of thirty planted copies it finds, what else it flags, and what the leak did to the accuracy.

Into `hymenoptera`, divided into train, val and test, go ten exact copies, ten rescaled to 60 % and ten encoded again at JPEG quality 50,
each on the other side of its original. The thresholds are those of `tlstudio/datasets/near_copies.py`.
"""

import io
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.material import shared
from benchmarks.results import Result, hand_on, say
from tlstudio.datasets.copies import exact_copies, near_copies
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import TrainingBlockedError
from tlstudio.domain.recipe import RECIPES
from tlstudio.domain.run_state import Status
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.jobs.watcher import read_state
from tlstudio.operations import health, runs, training, weights
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

NUM_OF_A_KIND = 10
_SEED = 2027
_MUST_FIND, _MAY_FLAG = 29, 3


@dataclass(frozen=True)
class Planted:
    """A folder with given parts, and which file was made from which."""

    folder: Path
    source_of: dict[str, str]


def plant(source: Path, folder: Path) -> Planted:
    """Copy `hymenoptera` into train, val and test below `folder`; half of the copies go from train to test, half from test to train."""
    for part in ("train", "val"):
        for number, file in enumerate(sorted((source / part).rglob("*.jpg"))):
            target = folder / ("test" if part == "val" and number % 2 else part) / file.parent.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    random = np.random.default_rng(_SEED)
    there = {part: sorted((folder / part).rglob("*.jpg")) for part in ("train", "test")}
    source_of: dict[str, str] = {}
    for part, other in (("train", "test"), ("test", "train")):
        chosen = random.choice(len(there[part]), 3 * NUM_OF_A_KIND // 2, replace=False)
        for place, index in enumerate(chosen):
            file = there[part][index]
            target = folder / other / file.parent.name / f"copy_{part}_{place:02d}.jpg"
            target.write_bytes((_exact, _rescaled, _encoded_again)[place % 3](file.read_bytes()))
            source_of[target.relative_to(folder).as_posix()] = file.relative_to(folder).as_posix()
    return Planted(folder, source_of)


def pairs(sets: list[list[Sample]]) -> set[tuple[str, str]]:
    """Every two images of a set, by their paths in order."""
    return {(one.path, other.path) for members in sets for one in members for other in members if one.path < other.path}


def flagged(dataset: Dataset) -> set[tuple[str, str]]:
    """The pairs that the gate takes for copies."""
    return pairs(exact_copies(dataset)) | pairs(near_copies(dataset))


def _exact(data: bytes) -> bytes:
    return data


def _rescaled(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return _encoded(image.convert("RGB").resize((round(0.6 * image.width), round(0.6 * image.height)), Image.Resampling.LANCZOS), 90)


def _encoded_again(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return _encoded(image.convert("RGB"), 50)


def _encoded(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _accuracy(project: Project, override: str) -> float:
    """Of the quick recipe with the default network on the test images, in percent."""
    started = training.start_training(project, RECIPES["quick"].build(weights.default_network()), override=override)
    started.process.wait()
    state = read_state(runs.folder_of(project, runs.find_run(project, started.number)))
    if state.status is not Status.FINISHED:
        raise ValueError(f"the run is {state.status}")
    return 100 * evaluate_run(project, started.number, Split.TEST).accuracy.value


def _leak(source: Path, work: Path) -> list[Result]:
    planted = plant(source, work / "insects")
    wanted = {(min(pair), max(pair)) for pair in planted.source_of.items()}
    project = Project.create(work / "Insects")
    try:
        import_data(project, planted.folder)
        found = flagged(project.dataset())
        say(f"{len(wanted & found)} of {len(wanted)} found, {len(found - wanted)} others flagged")
        blocked = _is_blocked(project)
        before = _accuracy(project, "to see what the copies do to the figures")
        num_test = sum(sample.split is Split.TEST for sample in project.dataset().samples)
        started = time.monotonic()
        for finding in health.blocking(project):
            health.fix(project, finding)
        seconds = time.monotonic() - started
        num_left = sum(sample.split is Split.TEST for sample in project.dataset().samples)
        after = _accuracy(project, "")
    finally:
        project.close()
    case = "planted copies"
    enough, few = len(wanted & found) >= _MUST_FIND, len(found - wanted) <= _MAY_FLAG
    return [
        Result(case=case, figure="found of 30", value=len(wanted & found), unit="", must=f"at least {_MUST_FIND}", holds=enough),
        Result(case=case, figure="other pairs flagged", value=len(found - wanted), unit="", must=f"at most {_MAY_FLAG}", holds=few),
        Result(case=case, figure="training is refused", value=float(blocked), unit="", must="1", holds=blocked),
        Result(case=case, figure="mending", value=seconds, unit="s", note=f"test images {num_test}, then {num_left}"),
        Result(case=case, figure="accuracy on test, with the leak", value=before, unit="%"),
        Result(case=case, figure="accuracy on test, mended", value=after, unit="%"),
    ]


def _is_blocked(project: Project) -> bool:
    try:
        _accuracy(project, "")
    except TrainingBlockedError:
        return True
    return False


def _natural(source: Path, work: Path) -> list[Result]:
    project = Project.create(work / source.name)
    try:
        import_data(project, source)
        found = flagged(project.dataset())
    finally:
        project.close()
    return [Result(case="planted copies", figure=f"pairs flagged on {source.name} as it came", value=len(found), unit="")]


def main() -> None:
    """All of it, in a folder of its own."""
    folder = shared()
    if folder is None:
        sys.exit("The real photographs are missing: name their folder in TLSTUDIO_SHARED.")
    with tempfile.TemporaryDirectory() as text:
        work = Path(text)
        os.environ["TLSTUDIO_HOME"] = str(work / "home")
        results = _leak(folder / "data" / "hymenoptera", work)
        for name in ("hymenoptera", "flowers5"):
            results += _natural(folder / "data" / name, work)
    hand_on(results)


if __name__ == "__main__":
    main()
