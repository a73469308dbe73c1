"""C5: how long it takes to be as accurate as fastai's `fine_tune(5)` is at its end.

Each of our recipes runs to its end; a ratio counts where its accuracy, over all rounds, is not below fastai's. What counts for the case
is the fastest of these, decided over all rounds together and not for each. AutoGluon 1.6.3 is no contestant: it asks for a PyTorch below
2.14, a torchvision below 0.29 and a timm below 1.0.7, so it cannot compute with the libraries that all the others share.
"""

from dataclasses import replace

from benchmarks.paired import difference
from benchmarks.peers.field import divided, task, tuned
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.rounds import own, parser, ratio, rounds, turns
from benchmarks.peers.task import Outcome
from benchmarks.results import Result, hand_on, median, say

_CASE = "C5 time to accuracy"
_RECIPES = ("quick", "balanced")
_PEERS = ("fastai D", "fastai T")
_LEAST = 5.0
_EPOCHS = 5


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=5)
    wanted.add_argument("--data", default="flowers5")
    wanted.add_argument("--images", type=int, default=400)
    options = wanted.parse_args()
    found: dict[str, list[Outcome]] = {name: [] for name in (*_RECIPES, *_PEERS)}
    for number in rounds(options):
        with divided(options.data, seed=number, num_images=100 if options.quick else options.images) as (folder, _num_train):
            wished = task(folder, trains="all", epochs=1 if options.quick else _EPOCHS, seed=number)
            for turn in turns(list(found), number):
                name, _, tier = turn.partition(" ")
                outcome = run_ours(wished, turn) if turn in _RECIPES else run_peer(name, tuned(wished, name) if tier == "T" else wished)
                found[turn].append(outcome)
                say(f"{turn}: {outcome.seconds:.1f} s, {100 * outcome.accuracy:.1f} %, {outcome.peak_mb:.0f} MB")
    hand_on(_results(found))


def _results(found: dict[str, list[Outcome]]) -> list[Result]:
    results: list[Result] = []
    for recipe in _RECIPES:
        results += own(_CASE, found[recipe], figure=f"TL Studio, {recipe}", unit="s", value=lambda item: item.seconds)
    for peer in _PEERS:
        theirs = found[peer]
        reaching = [recipe for recipe in _RECIPES if _gain(found[recipe], theirs) >= 0]
        chosen = min(reaching or _RECIPES[-1:], key=lambda recipe: median([item.seconds for item in found[recipe]]))
        note = f"by {chosen}, {median([item.seconds for item in theirs]):.1f} s" + ("" if reaching else ", not reached")
        result = ratio(_CASE, peer, found[chosen], theirs, speed=lambda item: 1 / item.seconds, least=_LEAST, note=note)
        results.append(result if reaching else replace(result, holds=False))
    return results


def _gain(ours: list[Outcome], theirs: list[Outcome]) -> float:
    return difference([item.accuracy for item in ours], [item.accuracy for item in theirs]).mean


if __name__ == "__main__":
    main()
