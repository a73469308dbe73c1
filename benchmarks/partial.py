"""C3: the last stage trained with the head, 10 epochs, crop and flip: kept views against new ones every epoch, and against a plain loop.

In turns A B B A, all on the same files and threads. The network begins from random numbers unless it is one with weights here; speed does
not depend on them, accuracy does, so a ratio counts as a claim with `--network mobilenetv2_100` only.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.task import Outcome, Task
from benchmarks.results import Result, hand_on, median, say

_CASE = "C3 last stage"
_KEPT, _NEW = "4 views", "0 views"
_MUST = {"plain T": 1.5, "plain D": 2.5, "lightning T": 1.5, "fastai D": 2.5}


def main() -> None:
    """Measure and hand on."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--images", type=int, default=300)
    wanted.add_argument("--epochs", type=int, default=10)
    wanted.add_argument("--rounds", type=int, default=2)
    wanted.add_argument("--network", default="resnet18")
    wanted.add_argument("--peers", nargs="*", default=["plain T"], choices=tuple(_MUST))
    options = wanted.parse_args()
    outcomes: dict[str, list[Outcome]] = {name: [] for name in (_KEPT, _NEW, *options.peers)}
    for number in range(options.rounds):
        with divided("flowers5", seed=number, num_images=options.images) as (folder, _num_train):
            wished = _task(folder, options.network, epochs=options.epochs, seed=number)
            for turn in outcomes if number % 2 == 0 else reversed(outcomes):
                outcome = _run(wished, turn)
                outcomes[turn].append(outcome)
                say(f"{turn}: {outcome.seconds:.1f} s, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
    hand_on(_results(outcomes))


def _task(folder: Path, network: str, *, epochs: int, seed: int) -> Task:
    weighted = task(folder, trains="last", epochs=epochs, seed=seed)
    return weighted if network == weighted.network else replace(weighted, network=network, weights=None, arguments={})


def _run(wished: Task, turn: str) -> Outcome:
    name, _, tier = turn.partition(" ")
    if tier == "views":
        return run_ours(wished, "balanced", num_stages=1, epochs=wished.epochs, patience=0, num_views=int(name))
    return run_peer(name, tuned(wished, name) if tier == "T" else wished)


def _results(outcomes: dict[str, list[Outcome]]) -> list[Result]:
    ours = outcomes.pop(_KEPT)
    results = [
        Result(case=_CASE, figure="TL Studio, 4 views, libraries loaded", value=_seconds(ours), unit="s", note=_note(ours)),
        Result(case=_CASE, figure="TL Studio, peak memory", value=median([item.peak_mb for item in ours]), unit="MB"),
    ]
    for name, others in outcomes.items():
        ratio, must = median([theirs.seconds / mine.seconds for mine, theirs in zip(ours, others, strict=True)]), _MUST.get(name)
        results.append(
            Result(
                case=_CASE,
                figure=f"times faster than {'new views every epoch' if name == _NEW else name}, turn by turn",
                value=ratio,
                unit="x",
                must=f"≥ {must:g} x" if must else "",
                holds=ratio >= must if must else None,
                note=_note(others),
            )
        )
    return results


def _seconds(outcomes: list[Outcome]) -> float:
    return median([item.seconds for item in outcomes])


def _note(outcomes: list[Outcome]) -> str:
    accuracy = 100 * sum(item.accuracy for item in outcomes) / len(outcomes)
    return f"{_seconds(outcomes):.1f} s, {accuracy:.1f} % on test, {median([item.peak_mb for item in outcomes]):.0f} MB"


if __name__ == "__main__":
    main()
