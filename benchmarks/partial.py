"""C3: the last stage trained with the head, 10 epochs, crop and flip: kept views against new ones every epoch, and against the peers.

In turns A B B A, all on the same files, weights and threads.
"""

from dataclasses import replace
from pathlib import Path

from benchmarks import roofline
from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.rounds import own, parser, ratio, rounds, turns
from benchmarks.peers.task import Outcome, Task
from benchmarks.results import Result, hand_on, median, say

_CASE = "C3 last stage"
_KEPT, _NEW = "4 views", "0 views"
_NUM_VIEWS = 4
_LEAST = {"plain T": 1.5, "lightning T": 1.5, "plain D": 2.5, "fastai D": 2.5}


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=5)
    wanted.add_argument("--images", type=int, default=300)
    wanted.add_argument("--epochs", type=int, default=10)
    wanted.add_argument("--network", default="mobilenetv2_100", help="another begins from random numbers: then only speed is compared")
    wanted.add_argument("--peers", nargs="*", default=list(_LEAST), choices=tuple(_LEAST))
    options = wanted.parse_args()
    num_images, epochs = (100, 2) if options.quick else (options.images, options.epochs)
    found: dict[str, list[Outcome]] = {name: [] for name in (_KEPT, _NEW, *options.peers)}
    limits: list[float] = []
    for number in rounds(options):
        with divided("flowers5", seed=number, num_images=num_images) as (folder, num_train):
            wished = _task(folder, options.network, epochs=epochs, seed=number)
            for turn in turns(list(found), number):
                outcome = _run(wished, turn)
                found[turn].append(outcome)
                trained_s = outcome.trained_s or outcome.seconds
                took = f"{outcome.seconds:.1f} s (trained after {trained_s:.1f} s)"
                say(f"{turn}: {took}, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
            limits.append(_limit_s(wished, num_train))
    hand_on(_results(found, limits))


def _task(folder: Path, network: str, *, epochs: int, seed: int) -> Task:
    weighted = task(folder, trains="last", epochs=epochs, seed=seed)
    return weighted if network == weighted.network else replace(weighted, network=network, weights=None, arguments={})


def _run(wished: Task, turn: str) -> Outcome:
    name, _, tier = turn.partition(" ")
    if tier == "views":
        return run_ours(wished, "balanced", num_stages=1, epochs=wished.epochs, patience=0, num_views=int(name))
    return run_peer(name, tuned(wished, name) if tier == "T" else wished)


def _limit_s(wished: Task, num_train: int) -> float:
    """Each image decoded once, each kept view passed once through what is frozen, each epoch through what trains."""
    limit = roofline.Limit(wished.network, wished.size_px)
    prefix, suffix = slice(None, -1), slice(-1, None)
    files = [file for split in ("train", "val") for file in Path(wished.folder, split).rglob("*.*")]
    num_val = len(files) - num_train
    passes_s = limit.forward_s(_NUM_VIEWS * num_train + num_val, stages=prefix) + limit.forward_s(wished.epochs * num_val, stages=suffix)
    return limit.decoding_s(files) + passes_s + limit.training_s(wished.epochs * num_train, stages=suffix)


def _results(found: dict[str, list[Outcome]], limits: list[float]) -> list[Result]:
    ours = found.pop(_KEPT)
    seconds = [item.seconds for item in ours]
    results = own(_CASE, ours, figure="TL Studio, 4 views, libraries loaded", unit="s", value=lambda item: item.seconds)
    results.append(
        roofline.share(_CASE, median(limits), median(seconds), "decoding, 4 views through what is frozen, 10 epochs of the rest")
    )
    for name, others in found.items():
        title = "with new views every epoch" if name == _NEW else name
        note = f"{median([item.seconds for item in others]):.1f} s"
        results.append(ratio(_CASE, title, ours, others, speed=lambda item: 1 / item.seconds, least=_LEAST.get(name), note=note))
        title = f"{title}, each until its model is trained and validated"
        results.append(ratio(_CASE, title, ours, others, speed=lambda item: 1 / (item.trained_s or item.seconds), note=note))
    return results


if __name__ == "__main__":
    main()
