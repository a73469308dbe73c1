"""C7: images a second when a folder is predicted, decoding included: fastai's `get_preds`, timm's loader and model, ONNX Runtime.

All run MobileNetV2 at 224 px over the same files. Images a second are those from when the libraries are loaded; TL Studio writes its
table of answers within that time, the others only have them in memory.
"""

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import roofline
from benchmarks.peers.field import divided, num_threads, task
from benchmarks.peers.race import PREDICTING, loading_s, run_peer
from benchmarks.peers.rounds import parser, rounds, turns
from benchmarks.peers.task import Setting, Task
from benchmarks.results import Result, hand_on, median, say

_CASE = "C7 folder prediction"
_LEAST = {"fastai D": 2.5, "timm D": 2.5, "timm T": 1.0, "onnx T": 1.0}


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=5)
    wanted.add_argument("--data", default="flowers5")
    wanted.add_argument("--images", type=int, default=1000, help="of the set; 0.7 of them are predicted")
    options = wanted.parse_args()
    rates: dict[str, list[float]] = {"ours": [], **{name: [] for name in _LEAST}}
    # Most of the images are the ones to predict; a few train the head.
    with (
        divided(options.data, seed=0, num_images=200 if options.quick else options.images, shares=(0.2, 0.1, 0.7)) as (folder, _num_train),
        tempfile.TemporaryDirectory() as home,
    ):
        wished = task(folder, trains="head", epochs=1, seed=0)
        os.environ["TLSTUDIO_HOME"] = home
        ours = _Ours(wished, Path(home))
        for number in rounds(options):
            for turn in turns(list(rates), number):
                rates[turn].append(ours.rate() if turn == "ours" else _peer_rate(turn, wished))
                say(f"{turn}: {rates[turn][-1]:.1f} images/s")
        files = list((folder / "test").rglob("*.*"))
        limit = roofline.Limit(wished.network, wished.size_px)
        limit_s = (limit.decoding_s(files) + limit.forward_s(len(files), precision="fp32")) / len(files)
        ours.close()
    hand_on(_results(rates, limit_s))


def _peer_rate(turn: str, wished: Task) -> float:
    name, _, tier = turn.partition(" ")
    setting = Setting(tier=tier, channels_last=tier == "T", workers=num_threads() if tier == "T" and name != "onnx" else 0)
    return run_peer(name, replace(wished, setting=setting), script=PREDICTING[name]).images_per_s


class _Ours:
    """A project with a quick run that predicts test/."""

    def __init__(self, wished: Task, home: Path) -> None:
        from tlstudio.domain.recipe import RECIPES, NetworkPart
        from tlstudio.jobs.watcher import follow
        from tlstudio.operations import importing, projects, training, weights

        assert wished.weights is not None
        self._folder, self._home, self._number = Path(wished.folder), home, 0
        card = weights.import_weights(weights.inspect_weights(Path(wished.weights), architecture=wished.network))
        self._project = projects.create_project(home / "predicting")
        importing.import_data(self._project, self._folder / "train")
        recipe = RECIPES["quick"].build(NetworkPart(architecture=card.architecture, weights=card.hash))
        job = training.start_training(self._project, recipe, override="only speed is looked at")
        self._run = job.number
        list(follow(job.folder, process=job.process))

    def rate(self) -> float:
        """Images a second of one prediction job, its libraries' loading left out."""
        from tlstudio.jobs.watcher import follow
        from tlstudio.operations import predicting

        self._number += 1
        started = time.perf_counter()
        job = predicting.predict_folder(self._project, self._run, self._folder / "test", self._home / f"answers-{self._number}.csv")
        list(follow(job.folder, process=job.process))
        seconds = time.perf_counter() - started - loading_s(job.folder)
        return sum(1 for item in (self._folder / "test").rglob("*") if item.is_file()) / seconds

    def close(self) -> None:
        """Give the project back."""
        self._project.close()


def _results(rates: dict[str, list[float]], limit_s: float) -> list[Result]:
    """`limit_s`: an image, decoded and passed in single precision, for answers have to be exact."""
    own = median(rates["ours"])
    results = [
        Result(case=_CASE, figure="TL Studio", value=own, unit="images/s", note=f"{len(rates['ours'])} rounds"),
        roofline.share(_CASE, limit_s, 1 / own, "an image decoded and passed in single precision"),
    ]
    for name, least in _LEAST.items():
        theirs = rates[name]
        value = median([mine / other for mine, other in zip(rates["ours"], theirs, strict=True)])
        note, must, holds = f"{median(theirs):.1f} images/s", f"≥ {least:g} x", value >= least
        figure = f"times as fast as {name}"
        results.append(Result(case=_CASE, figure=figure, value=value, unit="x", must=must, holds=holds, note=note, least=least))
    return results


if __name__ == "__main__":
    main()
