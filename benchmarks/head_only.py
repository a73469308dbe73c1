"""C1: a head on a frozen network, 25 epochs, against a plain loop, fastai, Lightning and an expert's script, in turns A B B A.

A peer's epochs are alike, so a few of them are measured and the rest is reckoned: start + 25 x (seconds an epoch); with `--epochs 25` all
are measured, and accuracies are those of whole trainings. TL Studio, which has no epochs here, and the expert's script are measured to
the end. The ratio has a bound of its own, for both need one pass of the network: (25 f + s) / (f + s), f one pass and s what is there
besides.
"""

from dataclasses import replace
from pathlib import Path

from benchmarks import roofline
from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.rounds import own, parser, ratio, rounds, turns
from benchmarks.peers.task import Outcome
from benchmarks.results import Result, hand_on, median, say

_EPOCHS = 25
_CASE = "C1 head only"
_SHARES_OF_BOUND = {"plain T": 0.8, "lightning T": 0.8}
_LEAST = {"fastai D": 2.0}
_PEERS = ("plain T", "lightning T", "fastai D", "fastai T", "expert T")
_WHOLE = ("expert T",)
"""Measured to their end."""


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=5)
    wanted.add_argument("--images", type=int, default=1000)
    wanted.add_argument("--epochs", type=int, default=2, help="epochs of a peer that are measured; the rest is reckoned")
    wanted.add_argument("--peers", nargs="*", default=list(_PEERS), choices=_PEERS)
    options = wanted.parse_args()
    num_images = 100 if options.quick else options.images
    found: dict[str, list[Outcome]] = {name: [] for name in ("ours", *options.peers)}
    limits: list[float] = []
    for number in rounds(options):
        with divided("flowers5", seed=number, num_images=num_images) as (folder, num_train):
            wished = task(folder, trains="head", epochs=options.epochs, seed=number)
            for turn in turns(list(found), number):
                name, _, tier = turn.partition(" ")
                outcome = run_ours(wished, "quick") if turn == "ours" else run_peer(name, tuned(wished, name) if tier == "T" else wished)
                found[turn].append(outcome if turn == "ours" or turn in _WHOLE else _reckoned(outcome, options.epochs))
                say(f"{turn}: {outcome.seconds:.1f} s, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
            limits.append(_limit_s(folder, num_train, wished.network, wished.size_px))
    hand_on(_results(found, limits, options.epochs))


def _reckoned(outcome: Outcome, num_measured: int) -> Outcome:
    """All epochs of a peer, with the start of its process once."""
    seconds = outcome.seconds * _EPOCHS / num_measured
    return replace(outcome, seconds=seconds, wall_s=seconds + outcome.wall_s - outcome.seconds)


def _limit_s(folder: Path, num_train: int, network: str, size_px: int) -> float:
    """Every image that trains or is validated decoded and passed once; solving a head takes a hundredth of that."""
    limit = roofline.Limit(network, size_px)
    files = [file for split in ("train", "val") for file in (folder / split).rglob("*.*")]
    assert len(files) > num_train
    return limit.decoding_s(files) + limit.forward_s(len(files), precision="fp32")


def _results(found: dict[str, list[Outcome]], limits: list[float], num_measured: int) -> list[Result]:
    ours = found.pop("ours")
    own_s = median([item.seconds for item in ours])
    results = [
        *own(_CASE, ours, figure="TL Studio, libraries loaded", unit="s", value=lambda item: item.seconds),
        Result(case=_CASE, figure="TL Studio with the start of its process", value=median([item.wall_s for item in ours]), unit="s"),
        roofline.share(_CASE, median(limits), own_s, "decoding and one pass in single precision"),
    ]
    bound = _bound(found["plain T"]) if "plain T" in found else None
    if bound is not None:
        results.append(Result(case=_CASE, figure="the ratio's own bound, with process start", value=bound, unit="x"))
    for name, outcomes in found.items():
        after = "" if name in _WHOLE or num_measured == _EPOCHS else f", accuracy after {num_measured} epochs"
        note = f"{median([item.seconds for item in outcomes]):.0f} s{after}"
        least = bound * _SHARES_OF_BOUND[name] if bound is not None and name in _SHARES_OF_BOUND else _LEAST.get(name)
        results += [
            ratio(_CASE, f"{name}, libraries loaded", ours, outcomes, speed=lambda item: 1 / item.seconds, note=note),
            ratio(_CASE, f"{name}, with process start", ours, outcomes, speed=lambda item: 1 / item.wall_s, least=least, note=note),
        ]
    return results


def _bound(plain: list[Outcome]) -> float:
    """(25 f + s) / (f + s): f an epoch of the plain loop, s the start of its process."""
    one_pass = median([item.seconds for item in plain]) / _EPOCHS
    start_s = median([item.wall_s - item.seconds for item in plain])
    return (_EPOCHS * one_pass + start_s) / (one_pass + start_s)


if __name__ == "__main__":
    main()
