"""Accuracy at equal effort: *Balanced* and *Thorough* against fastai's `fine_tune` and timm's recipe, the same weights and divisions.

Effort is seconds of processors, which other work on the machine does not change: a peer gets as many epochs of its own recipe as fit into
what ours used, its process start not counted, and never fewer than are usual. Every run is a line of build/bench/accuracy.jsonl, written
when it ends; what is there is not run again, so this can be stopped and called again. One thread each: `taskset -c 0 nice -n 19`.
"""

import argparse
import json
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from benchmarks.paired import Difference, difference, epochs_within
from benchmarks.peers.field import divided, task
from benchmarks.peers.race import run_ours, run_peer
from benchmarks.peers.task import Outcome, Setting, Task
from benchmarks.results import Result, hand_on, say

FILE = Path("build/bench/accuracy.jsonl")
_CASE = "accuracy"
_SHARES = {"flowers5": (0.2, 0.1, 0.7), "neu_det": (0.4, 0.15, 0.45), "office_caltech10": (0.3, 0.12, 0.58)}
"""Of train, val and test: so few to learn from that there is something to learn, most of them to see differences."""
_RECIPES = ("balanced", "thorough")
_LEAST_EPOCHS = {"fastai": 5, "timm": 10}
_SETTINGS = {name: Setting(tier="T", channels_last=True) for name in _LEAST_EPOCHS}
"""Single precision, as ours; no loader processes, for each has one thread."""
_SIZE_PX = 160
_ALIKE = 0.15
"""Runs of a peer whose epochs differ by no more than this share are one run."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One run that is done."""

    data: str
    seed: int
    contestant: str
    """A recipe with its variant's name, or a peer."""
    epochs: int
    """Of a peer; 0 of ours, which may stop early."""
    accuracy: float
    cpu_s: float
    size_px: int
    commit: str
    changed: str = ""
    """What differs from the recipe as it stands."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A recipe of ours, perhaps with other values; `name` tells it from others."""

    name: str
    recipe: str
    finetune: dict[str, object]
    changed: dict[str, object]


class Book:
    """The lines that are there, and how one is added."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def lines(self) -> list[Line]:
        """All, also those that another process has added meanwhile."""
        if not self._file.exists():
            return []
        lines = [msgspec.json.decode(text, type=Line) for text in self._file.read_bytes().splitlines()]
        return [line for line in lines if line.size_px == _SIZE_PX]

    def of(self, contestant: str, data: str, seed: int | None = None) -> list[Line]:
        """Of one contestant on one set."""
        return [line for line in self.lines() if (line.contestant, line.data) == (contestant, data) and seed in (None, line.seed)]

    def add(self, wished: Task, outcome: Outcome, data: str, contestant: str, *, epochs: int = 0, changed: str = "") -> Line:
        """Write what a run came to."""
        line = Line(
            data=data,
            seed=wished.seed,
            contestant=contestant,
            epochs=epochs,
            accuracy=outcome.accuracy,
            cpu_s=outcome.cpu_s,
            size_px=wished.size_px,
            commit=_commit(),
            changed=changed,
        )
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
        say(f"{data} {wished.seed} {contestant} {epochs or ''}: {100 * line.accuracy:.1f} %, {line.cpu_s:.0f} s of a processor")
        return line


def main() -> None:
    """Run what is missing, and hand on what all lines together say."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--data", nargs="*", default=list(_SHARES), choices=tuple(_SHARES))
    wanted.add_argument("--seeds", type=int, default=5)
    wanted.add_argument("--recipes", nargs="*", default=list(_RECIPES), choices=_RECIPES)
    wanted.add_argument("--peers", nargs="*", default=list(_LEAST_EPOCHS), choices=tuple(_LEAST_EPOCHS))
    wanted.add_argument("--variant", default="", help="NAME:{json}: fields of the fine-tuning, those of the recipe under 'recipe'")
    wanted.add_argument("--file", type=Path, default=FILE)
    options = wanted.parse_args()
    book = Book(options.file)
    variants = [_variant(recipe, options.variant) for recipe in options.recipes]
    for seed in range(options.seeds):
        for data in options.data:
            with divided(data, seed=seed, shares=_SHARES[data]) as (folder, _num_train):
                wished = replace(task(folder, trains="all", epochs=1, seed=seed, size_px=_SIZE_PX), threads=1)
                for variant in variants:
                    ours = _ours(book, wished, data, variant)
                    for peer in options.peers:
                        _peer(book, wished, data, peer, budget_s=ours.cpu_s)
    hand_on(list(results(book, [variant.name for variant in variants], options.peers)))


def _variant(recipe: str, text: str) -> Variant:
    """`text` as on the command line; empty is the recipe as it stands."""
    label, _, values = text.partition(":")
    finetune: dict[str, object] = json.loads(values or "{}")
    changed = finetune.pop("recipe", {})
    assert isinstance(changed, dict)
    return Variant(name=f"{recipe} {label}".strip(), recipe=recipe, finetune=finetune, changed=changed)


def _ours(book: Book, wished: Task, data: str, variant: Variant) -> Line:
    known = book.of(variant.name, data, wished.seed)
    if known:
        return known[-1]
    outcome = run_ours(wished, variant.recipe, changed=variant.changed, **variant.finetune)
    words = json.dumps({**variant.finetune, **variant.changed}) if variant.finetune or variant.changed else ""
    return book.add(wished, outcome, data, variant.name, changed=words)


def _peer(book: Book, wished: Task, data: str, peer: str, *, budget_s: float) -> Line:
    """A run of as many epochs as fit; one with the fewest tells first how long they take."""
    least = _LEAST_EPOCHS[peer]
    if not book.of(peer, data):
        _run_peer(book, wished, data, peer, least)
    epoch_s = statistics.median(line.cpu_s / line.epochs for line in book.of(peer, data))
    epochs = epochs_within(budget_s, epoch_s, least=least)
    return nearest(book.of(peer, data, wished.seed), epochs) or _run_peer(book, wished, data, peer, epochs)


def _run_peer(book: Book, wished: Task, data: str, peer: str, epochs: int) -> Line:
    outcome = run_peer(peer, replace(wished, epochs=epochs, setting=_SETTINGS[peer]))
    return book.add(wished, outcome, data, peer, epochs=epochs)


def nearest(lines: list[Line], epochs: int) -> Line | None:
    """The run of about so many epochs, if there is one."""
    alike = [line for line in lines if abs(line.epochs - epochs) <= _ALIKE * epochs]
    return min(alike, key=lambda line: abs(line.epochs - epochs)) if alike else None


def pairs(book: Book, name: str, peer: str, data: str) -> Iterator[tuple[Line, Line]]:
    """Ours and theirs of each seed: the run of the peer that used about as much, else the next longer one."""
    epoch_s = [line.cpu_s / line.epochs for line in book.of(peer, data)]
    for ours in book.of(name, data):
        epochs = epochs_within(ours.cpu_s, statistics.median(epoch_s), least=_LEAST_EPOCHS[peer]) if epoch_s else 0
        if (theirs := nearest(book.of(peer, data, ours.seed), epochs)) is not None:
            yield ours, theirs


def results(book: Book, names: list[str], peers: list[str]) -> Iterator[Result]:
    """A line for each recipe, peer and set, and one for the mean over sets."""
    for name in names:
        for peer in peers:
            found: Mapping[str, list[tuple[Line, Line]]] = {data: list(pairs(book, name, peer, data)) for data in _SHARES}
            found = {data: items for data, items in found.items() if items}
            for data, items in found.items():
                yield _result(f"{name} against {peer}, {data}", items, _of(items), must="≥ -0.5 points", least=-0.005)
            everything = [pair for items in found.values() for pair in items]
            if everything:
                yield _result(f"{name} against {peer}, all sets", everything, _of(everything), must="> 0 points", least=1e-9)


def _of(items: list[tuple[Line, Line]]) -> Difference:
    return difference([ours.accuracy for ours, _theirs in items], [theirs.accuracy for _ours, theirs in items])


def _result(figure: str, items: list[tuple[Line, Line]], found: Difference, *, must: str, least: float) -> Result:
    ours, theirs = (100 * statistics.fmean(pair[side].accuracy for pair in items) for side in (0, 1))
    effort = " and ".join(f"{statistics.fmean(pair[side].cpu_s for pair in items):.0f}" for side in (0, 1))
    note = f"{ours:.1f} and {theirs:.1f} %, {effort} s of a processor, {found.num_pairs} pairs, {found.shown()}"
    return Result(case=_CASE, figure=figure, value=100 * found.mean, unit="points", must=must, holds=found.mean >= least, note=note)


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
