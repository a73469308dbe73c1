"""What the advisor is judged by: *Balanced* fine-tunings of every set of weights on every set of images, each done once and kept.

All of it lives in one folder that is its own home: what a stopped turn has finished is not done again.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.results import say
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.jobs.watcher import read_state
from tlstudio.operations import runs, training, weights
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.operations.importing import import_data
from tlstudio.operations.keeping import keep_as_weights
from tlstudio.project.project import Project

SETS = ("neu_det", "flowers5", "office_caltech10")
FILES = ("mobilenetv2_100.qat_in1k", "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors")
NUM_TRAIN, NUM_VAL, NUM_TEST = 150, 60, 300
"""Images of a set: so few that a fine-tuning takes a minute or two, so many in the test that a few points can be seen."""
_REASON = "benchmark on a part of public images"


@dataclass
class Bench:
    """The folder, and the accuracy on test (0..1) of every fine-tuning that is done: set -> name of weights -> accuracy."""

    folder: Path
    accuracy: dict[str, dict[str, float]] = field(default_factory=dict)
    runs: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path, data: Path, files: Path) -> "Bench":
        """What is there already, the projects and the weights made where they are not."""
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["TLSTUDIO_HOME"] = str(folder / "home")
        bench = cls(folder)
        if bench._file.exists():
            kept = json.loads(bench._file.read_text())
            bench.accuracy, bench.runs = kept["accuracy"], kept["runs"]
        for name in FILES:
            weights.import_weights(weights.inspect_weights(files / name))
        for name in SETS:
            if not (folder / name).exists():
                bench._make(name, data / name)
        return bench

    @property
    def _file(self) -> Path:
        return self.folder / "runs.json"

    def project(self, name: str) -> Project:
        """Opened; the caller closes it."""
        return Project.open(self.folder / name)

    def fine_tune(self, name: str, card: WeightsCard) -> None:
        """*Balanced* from `card` on a set, unless that was done."""
        if card.name in self.accuracy.get(name, {}):
            return
        project = self.project(name)
        try:
            recipe = RECIPES["balanced"].build(NetworkPart(architecture=card.architecture, weights=card.hash))
            started = training.start_training(project, recipe, override=_REASON)
            started.process.wait()
            state = read_state(runs.folder_of(project, runs.find_run(project, started.number)))
            if state.status is not Status.FINISHED:
                raise ValueError(f"{name} from {card.name}: the run is {state.status}")
            accuracy = evaluate_run(project, started.number, Split.TEST).accuracy.value
        finally:
            project.close()
        self.accuracy.setdefault(name, {})[card.name] = accuracy
        self.runs.setdefault(name, {})[card.name] = started.number
        self._file.write_text(json.dumps({"accuracy": self.accuracy, "runs": self.runs}, indent=1))
        say(f"{name}: {card.name} {100 * accuracy:.1f} %")

    def keep(self, name: str, card: WeightsCard, title: str) -> WeightsCard | None:
        """What `card` became on a set, as weights for the others; None where its head on the untouched network was best."""
        known = next((item for item in weights.list_weights() if item.name == title), None)
        if known is not None:
            return known
        project = self.project(name)
        try:
            return keep_as_weights(project, self.runs[name][card.name], title)
        except TLStudioError as error:
            if error.title.id not in ("keep.untouched", "keep.no_better"):
                raise
            return None
        finally:
            project.close()

    def _make(self, name: str, source: Path) -> None:
        """A project of a part of the images, whose names alone decide which: the same on every machine."""
        images = self.folder / "images" / name
        for part, files in _parts(source).items():
            for label, file in files:
                target = images / part / label / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
        project = Project.create(self.folder / name)
        try:
            import_data(project, images)
        finally:
            project.close()


def _parts(source: Path) -> dict[str, list[tuple[str, Path]]]:
    """Class and file of the images of each part, all classes in equal shares."""
    by_class: dict[str, list[Path]] = {}
    for file in source.rglob("*.jpg"):
        by_class.setdefault(file.parent.name, []).append(file)
    found: dict[str, list[tuple[str, Path]]] = {"train": [], "val": [], "test": []}
    for label, files in sorted(by_class.items()):
        ordered = sorted(files, key=lambda file: hashlib.blake2b(file.relative_to(source).as_posix().encode()).digest())
        start = 0
        for part, number in (("train", NUM_TRAIN), ("val", NUM_VAL), ("test", NUM_TEST)):
            end = start + round(number / len(by_class))
            found[part] += [(label, file) for file in ordered[start:end]]
            start = end
    return found
