"""C1: a head on a frozen network, 25 epochs, against a plain loop, fastai, Lightning and an expert's script, in turns A B B A.

A peer's epochs are alike, so a few of them are measured and the rest is reckoned: start + 25 x (seconds an epoch). TL Studio, which has no
epochs here, and the expert's script are measured to the end. The ratio has a bound of its own, for both need one pass of the network:
(25 f + s) / (f + s), f one pass and s what is there besides.
"""

import argparse

from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.task import Outcome
from benchmarks.results import Result, hand_on, median, say

_EPOCHS = 25
_CASE = "C1 head only"
_MUST = {"plain T": 0.8, "lightning T": 0.8, "fastai D": 2.0}
"""Share of the bound that is promised."""
_WHOLE = ("expert T",)
"""Measured to their end."""


def main() -> None:
    """Measure and hand on."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--images", type=int, default=1000)
    wanted.add_argument("--epochs", type=int, default=2, help="epochs of a peer that are measured; the rest is reckoned")
    wanted.add_argument("--rounds", type=int, default=2)
    options = wanted.parse_args()
    ours: list[Outcome] = []
    peers: dict[str, list[Outcome]] = {name: [] for name in ("plain T", "lightning T", "fastai D", "fastai T", "expert T")}
    for number in range(options.rounds):
        with divided("flowers5", seed=number, num_images=options.images) as (folder, _num_train):
            wished = task(folder, trains="head", epochs=options.epochs, seed=number)
            turns = ["ours", *peers, *reversed(peers), "ours"] if number % 2 == 0 else [*peers, "ours", "ours", *reversed(peers)]
            for turn in turns:
                name, _, tier = turn.partition(" ")
                outcome = run_ours(wished, "quick") if turn == "ours" else run_peer(name, tuned(wished, name) if tier == "T" else wished)
                (ours if turn == "ours" else peers[turn]).append(outcome)
                say(f"{outcome.name}: {outcome.seconds:.1f} s, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
    hand_on(_results(ours, peers, options.epochs, options.images))


def _results(ours: list[Outcome], peers: dict[str, list[Outcome]], num_measured: int, num_images: int) -> list[Result]:
    own_s, own_wall_s = median([item.seconds for item in ours]), median([item.wall_s for item in ours])
    accuracy = median([item.accuracy for item in ours])
    bound = _bound(peers["plain T"], num_measured)
    results = [
        Result(
            case=_CASE, figure="TL Studio, libraries loaded", value=own_s, unit="s", note=f"{num_images} images, {100 * accuracy:.1f} %"
        ),
        Result(case=_CASE, figure="TL Studio with the start of its process", value=own_wall_s, unit="s"),
        Result(case=_CASE, figure="TL Studio, peak memory", value=median([item.peak_mb for item in ours]), unit="MB"),
        Result(case=_CASE, figure="the ratio's own bound, with process start", value=bound, unit="x"),
    ]
    for name, outcomes in peers.items():
        seconds, start_s = _whole_s(name, outcomes, num_measured), median([item.wall_s - item.seconds for item in outcomes])
        after = "" if name in _WHOLE else f" after {num_measured} epochs"
        note = f"{seconds:.0f} s, {100 * median([item.accuracy for item in outcomes]):.1f} %{after}"
        ratio = (seconds + start_s) / own_wall_s
        share = _MUST.get(name)
        results += [
            Result(case=_CASE, figure=f"times faster than {name}, libraries loaded", value=seconds / own_s, unit="x", note=note),
            Result(
                case=_CASE,
                figure=f"times faster than {name}, with process start",
                value=ratio,
                unit="x",
                must=f"≥ {share:g} x the bound" if share else "",
                holds=ratio >= share * bound if share else None,
            ),
        ]
    return results


def _whole_s(name: str, outcomes: list[Outcome], num_measured: int) -> float:
    seconds = median([item.seconds for item in outcomes])
    return seconds if name in _WHOLE else seconds * _EPOCHS / num_measured


def _bound(plain: list[Outcome], num_measured: int) -> float:
    """(25 f + s) / (f + s): f an epoch of the plain loop, s the start of its process."""
    one_pass = median([item.seconds for item in plain]) / num_measured
    start_s = median([item.wall_s - item.seconds for item in plain])
    return (_EPOCHS * one_pass + start_s) / (one_pass + start_s)


if __name__ == "__main__":
    main()
