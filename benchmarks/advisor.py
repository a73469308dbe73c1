"""The advisor against fine-tuning everything: how many points its choice loses, how often it orders a pair rightly, how long it takes.

For each set of images: all weights are ranked, once with nothing known and once after twenty labels were changed, and scored by LogME on
the same features; then *Balanced* fine-tunes from each of them. Weights are the starter, MobileNetV2, ViT-Tiny, and what the first two
became when they were fine-tuned on the other sets; never on the set itself. What is done is kept in build/advisor (or `--folder`);
`--report` says what is known so far. It takes an hour or more on a slow machine.
"""

import argparse
import itertools
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.advisor_runs import SETS, Bench
from benchmarks.logme import logme
from benchmarks.material import shared
from benchmarks.results import Result, hand_on, say
from tlstudio.domain.jobs import MANIFEST_FILE
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.ranking import Ranking
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.splits import Split
from tlstudio.jobs.watcher import read_state
from tlstudio.operations import edits, ranking, weights
from tlstudio.paths import cache_dir
from tlstudio.project.project import Project
from tlstudio.zoo.library import Library

NUM_CHANGED = 20
CLEARLY_APART = 0.03
"""What 300 test images can tell, about: of pairs that are closer nobody knows the right order."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One set of images: what was said of each set of weights, by its name."""

    name: str
    ranking: str
    """The folder of the cold one, in the project: what is advised is said anew from it."""
    logme: dict[str, float]
    cold_s: float
    second_s: float
    again_s: float


def main() -> None:
    """Measure what is left and hand on."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.advisor")
    parser.add_argument("--folder", type=Path, default=Path("build/advisor"))
    parser.add_argument("--report", action="store_true", help="say what is known so far, measure nothing")
    arguments = parser.parse_args()
    folder = shared()
    if folder is None:
        raise SystemExit("The real photographs are missing: name their folder in TLSTUDIO_SHARED.")
    bench = Bench.at(arguments.folder.resolve(), folder / "data", folder / "weights")
    if not arguments.report:
        _measure(bench)
    hand_on(_results(bench))


def _measure(bench: Bench) -> None:
    """The cheap and telling parts first, so that a turn that is cut short has said something of every set."""
    base = {card.architecture: card for card in weights.list_weights() if card.bundled or not card.source.startswith("fine-tuned")}
    vit = base.pop("vit_tiny_patch16_224")
    for card, name in itertools.product(base.values(), SETS):
        bench.fine_tune(name, card)
    grown = {name: [bench.keep(name, card, f"{card.architecture} of {name}") for card in base.values()] for name in SETS}
    candidates = {}
    for name in SETS:
        first, second = zip(*(grown[other] for other in SETS if other != name), strict=True)
        candidates[name] = [card for card in (*base.values(), *first, vit, *second) if card is not None]
    for name in SETS:
        _rank(bench, name, candidates[name])
    for turn in itertools.zip_longest(*candidates.values()):
        for name, card in zip(SETS, turn, strict=True):
            if card is not None:
                bench.fine_tune(name, card)


def _rank(bench: Bench, name: str, cards: list[WeightsCard]) -> None:
    file = bench.folder / f"{name}.json"
    if file.exists():
        return
    features = cache_dir() / "features"
    if features.exists():  # what the fine-tunings left there would make a cold ranking warm
        features.rename(features.with_name(f"features-{time.time_ns()}"))
    project = bench.project(name)
    try:
        cold_s, report, folder = _timed(project, cards)
        scores = {card.name: _logme(folder, card) for card in cards}
        again_s, *_ = _timed(project, cards)
        _change_labels(project)
        second_s, *_ = _timed(project, cards)
        for _change in range(2):
            edits.undo(project)
    finally:
        project.close()
    judged = Judged(
        name=name,
        ranking=f"rankings/{folder.name}",
        logme=scores,
        cold_s=cold_s,
        second_s=second_s,
        again_s=again_s,
    )
    file.write_text(json.dumps(asdict(judged), indent=1))
    say(f"{name}: cold {cold_s:.1f} s, again {again_s:.2f} s, after {NUM_CHANGED} labels {second_s:.1f} s; {report.advice}")


def _timed(project: Project, cards: list[WeightsCard]) -> tuple[float, Ranking, Path]:
    """Seconds from the wish to the answer, the libraries' loading included."""
    started = time.monotonic()
    job = ranking.start_ranking(project, cards=cards)
    if job.process is not None:
        job.process.wait()
    report = ranking.report_of(job.folder, read_state(job.folder))
    if report is None or len(report.networks) < len(cards):
        raise ValueError(f"not every network was ranked: {job.folder}")
    return time.monotonic() - started, report, job.folder


def _change_labels(project: Project) -> None:
    """Twenty training images of the first class get the second one, and half of them a third: two edits."""
    dataset = project.dataset()
    first, second, third = (item.id for item in dataset.classes[:3])
    chosen = [sample.id for sample in dataset.ready if sample.split is Split.TRAIN and sample.class_id == first][:NUM_CHANGED]
    more = [sample.id for sample in dataset.ready if sample.split is Split.TRAIN and sample.class_id == second]
    edits.set_class(project, chosen[: NUM_CHANGED // 2], second)
    edits.set_class(project, more[: NUM_CHANGED // 2], third)


def _logme(folder: Path, card: WeightsCard) -> float:
    """On the very features that were ranked, from the cache."""
    from tlstudio.engine.data.feature_cache import FeatureCache
    from tlstudio.engine.models.create import find_source
    from tlstudio.zoo import catalogue

    manifest = Manifest.decode((folder / MANIFEST_FILE).read_bytes())
    part = NetworkPart(architecture=card.architecture, weights=card.hash)
    source = find_source(part, weights_file=Library().file_of(card.hash), seed=0)
    width = catalogue.load().by_name[card.architecture].num_features
    cache = FeatureCache(cache_dir(), source=source, intensity=manifest.intensity, num_features=width)
    values = np.stack([_there(cache.get(entry.content_hash, exact=True)) for entry in manifest.entries])
    return logme(values, np.array([entry.label for entry in manifest.entries], np.int64))


def _there(vector: NDArray[np.float32] | None) -> NDArray[np.float32]:
    if vector is None:
        raise ValueError("a feature that was ranked is not in the cache")
    return vector


def _results(bench: Bench) -> list[Result]:
    results: list[Result] = []
    ordered: dict[str, list[float]] = {}
    lost: dict[str, list[float]] = {"advisor": [], "advisor, by fit alone": [], "LogME": []}
    for name in SETS:
        file, truth = bench.folder / f"{name}.json", bench.accuracy.get(name, {})
        if not file.exists():
            continue
        judged = Judged(**json.loads(file.read_text()))
        folder = bench.folder / name / judged.ranking
        report = ranking.report_of(folder, read_state(folder))
        assert report is not None, "a ranking that was counted is there"
        fit = {item.name: item.fit.value for item in report.networks}
        done = [item for item in fit if item in truth]
        say(f"{name}: {report.advice}")
        for item in done:
            say(f"    {item}: fit {fit[item]:.3f}, LogME {judged.logme[item]:.3f}, fine-tuned {truth[item]:.3f}")
        choice = {
            "advisor": next((item.name for item in report.networks if item.weights == report.advised), ""),
            "advisor, by fit alone": max(done, key=fit.__getitem__, default=""),
            "LogME": max(done, key=judged.logme.__getitem__, default=""),
        }
        for who, chosen in choice.items():
            if chosen in truth:
                lost[who].append(100 * (max(truth[item] for item in done) - truth[chosen]))
                results.append(_result(f"{name}: points lost by the choice of {who}", lost[who][-1], "", note=f"{chosen}; of {len(done)}"))
        for one, two in itertools.combinations(done, 2):
            apart = abs(truth[one] - truth[two])
            for who, said in (("advisor", fit), ("LogME", judged.logme)):
                if apart > 0:
                    ordered.setdefault(who, []).append(_is_right(said, truth, one, two))
                if apart >= CLEARLY_APART:
                    ordered.setdefault(f"{who}, of those {100 * CLEARLY_APART:.0f} points apart", []).append(
                        _is_right(said, truth, one, two)
                    )
        results += [
            _result(f"{name}: a cold ranking of {len(fit)} networks", judged.cold_s, "s", note=f"{report.networks[0].num_images} images"),
            _result(f"{name}: after {NUM_CHANGED} changed labels", judged.second_s, "s"),
            _result(f"{name}: with nothing changed", judged.again_s, "s"),
        ]
    for who, points in lost.items():
        results += [_result(f"mean points lost, {who}", float(np.mean(points)), "")] if points else []
    for who, right in ordered.items():
        results += [_result(f"pairs ordered rightly, {who}", 100 * float(np.mean(right)), "%", note=f"{len(right)} pairs")] if right else []
    return results


def _is_right(said: dict[str, float], truth: dict[str, float], one: str, two: str) -> float:
    """1 where a pair is ordered as fine-tuning orders it; who calls it a tie has half of it."""
    return 0.5 if said[one] == said[two] else float((said[one] > said[two]) == (truth[one] > truth[two]))


def _result(figure: str, value: float, unit: str, *, note: str = "") -> Result:
    return Result(case="advisor", figure=figure, value=value, unit=unit, note=note)


if __name__ == "__main__":
    main()
