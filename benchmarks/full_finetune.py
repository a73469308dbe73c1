"""C4 and C5: the whole network trained, images a second and accuracy at equal time, against timm's recipe, fastai and a plain loop.

C4 compares images a second of the training itself with the same batch, size and number of threads. C5 gives every contestant its own recipe
and asks how long it takes; accuracy is that on the test images, over several seeds, each seed with a division of its own that all share.
"""

import argparse

from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.task import Outcome
from benchmarks.results import Result, hand_on, median, say

_CASE = "C4 all layers"
_ALL_STAGES = 64
_PEERS = ("plain D", "plain T", "timm T", "fastai D")
_MUST = {"plain D": 2.0, "plain T": 1.1, "timm T": 1.1}


def main() -> None:
    """Measure and hand on."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--data", default="flowers5")
    wanted.add_argument("--images", type=int, default=200)
    wanted.add_argument("--epochs", type=int, default=3)
    wanted.add_argument("--seeds", type=int, default=2)
    options = wanted.parse_args()
    ours: list[Outcome] = []
    peers: dict[str, list[Outcome]] = {name: [] for name in _PEERS}
    for seed in range(options.seeds):
        with divided(options.data, seed=seed, num_images=options.images) as (folder, _num_train):
            wished = task(folder, trains="all", epochs=options.epochs, seed=seed)
            turns = ["ours", *_PEERS]
            for turn in turns if seed % 2 == 0 else reversed(turns):
                name, _, tier = turn.partition(" ")
                if turn == "ours":
                    outcome = run_ours(wished, "balanced", num_stages=_ALL_STAGES, epochs=options.epochs, patience=0)
                else:
                    outcome = run_peer(name, tuned(wished, name) if tier == "T" else wished)
                (ours if turn == "ours" else peers[turn]).append(outcome)
                say(f"{outcome.name}: {outcome.images_per_s:.1f} images/s, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
    hand_on(_results(ours, peers))


def _results(ours: list[Outcome], peers: dict[str, list[Outcome]]) -> list[Result]:
    own = median([item.images_per_s for item in ours])
    results = [
        Result(case=_CASE, figure="TL Studio", value=own, unit="images/s", note=_note(ours)),
        Result(case=_CASE, figure="TL Studio, peak memory", value=median([item.peak_mb for item in ours]), unit="MB"),
    ]
    for name, outcomes in peers.items():
        ratios = [mine.images_per_s / theirs.images_per_s for mine, theirs in zip(ours, outcomes, strict=True)]
        ratio, must = median(ratios), _MUST.get(name)
        figure = f"images/s against {name}, seed by seed"
        holds = ratio >= must if must else None
        results.append(
            Result(
                case=_CASE, figure=figure, value=ratio, unit="x", must=f"≥ {must:g} x" if must else "", holds=holds, note=_note(outcomes)
            )
        )
    return results


def _note(outcomes: list[Outcome]) -> str:
    rate, memory = median([item.images_per_s for item in outcomes]), median([item.peak_mb for item in outcomes])
    return f"{rate:.1f} images/s, {100 * sum(item.accuracy for item in outcomes) / len(outcomes):.1f} % on test, {memory:.0f} MB"


if __name__ == "__main__":
    main()
