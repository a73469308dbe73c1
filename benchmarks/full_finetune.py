"""C4: the whole network trained: images a second against timm's recipe, fastai and a plain loop, with the same batch, size and threads.

Images a second are those from when the libraries are loaded until the last epoch is validated; each seed has a division that all share.
"""

from benchmarks import roofline
from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.rounds import own, parser, ratio, rounds, turns
from benchmarks.peers.task import Outcome
from benchmarks.results import Result, hand_on, median, say
from tlstudio.domain.recipe import ALL_STAGES

_CASE = "C4 all layers"
_PEERS = ("plain D", "plain T", "timm D", "timm T", "fastai D", "fastai T")
_LEAST = {"plain D": 2.0, "timm D": 2.0, "fastai D": 2.0, "plain T": 1.1, "timm T": 1.1, "fastai T": 1.1}


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=5)
    wanted.add_argument("--data", default="flowers5")
    wanted.add_argument("--images", type=int, default=200)
    wanted.add_argument("--epochs", type=int, default=3)
    wanted.add_argument("--peers", nargs="*", default=list(_PEERS), choices=_PEERS)
    options = wanted.parse_args()
    num_images, epochs = (60, 1) if options.quick else (options.images, options.epochs)
    found: dict[str, list[Outcome]] = {name: [] for name in ("ours", *options.peers)}
    limits: list[float] = []
    for seed in rounds(options):
        with divided(options.data, seed=seed, num_images=num_images) as (folder, num_train):
            wished = task(folder, trains="all", epochs=epochs, seed=seed)
            for turn in turns(list(found), seed):
                name, _, tier = turn.partition(" ")
                if turn == "ours":
                    outcome = run_ours(wished, "balanced", num_stages=ALL_STAGES, epochs=epochs, patience=0, num_views=0)
                else:
                    outcome = run_peer(name, tuned(wished, name) if tier == "T" else wished)
                found[turn].append(outcome)
                say(f"{turn}: {outcome.images_per_s:.1f} images/s, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
            limits.append(roofline.Limit(wished.network, wished.size_px).training_s(epochs * num_train))
    hand_on(_results(found, limits))


def _results(found: dict[str, list[Outcome]], limits: list[float]) -> list[Result]:
    ours = found.pop("ours")
    results = [
        *own(_CASE, ours, figure="TL Studio", unit="images/s", value=lambda item: item.images_per_s),
        roofline.share(_CASE, median(limits), median([item.seconds for item in ours]), "6 operations a multiply-accumulate and image"),
    ]
    for name, outcomes in found.items():
        note = f"{median([item.images_per_s for item in outcomes]):.1f} images/s"
        results.append(ratio(_CASE, name, ours, outcomes, speed=lambda item: item.images_per_s, least=_LEAST[name], note=note))
    return results


if __name__ == "__main__":
    main()
