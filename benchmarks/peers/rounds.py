"""How every race is run: options, rounds that end with the time, turns A B B A, and what a ratio of speeds comes to."""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.paired import difference
from benchmarks.peers.task import Outcome
from benchmarks.results import Result, median

Speed = Callable[[Outcome], float]
"""The larger, the better."""


def parser(doc: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """With what all races know; each round has a seed of its own, its number."""
    wanted = argparse.ArgumentParser(description=doc)
    wanted.add_argument("--rounds", type=int, default=rounds, help="each with a division of its own")
    wanted.add_argument("--minutes", type=float, default=float("inf"), help="no round is begun that would not end within so many")
    wanted.add_argument("--quick", action="store_true", help="small, to see that everything works")
    return wanted


def rounds(options: argparse.Namespace) -> Iterator[int]:
    """Numbers of rounds, at least one, until all are done or the next would end too late."""
    started = time.monotonic()
    for number in range(1 if options.quick else options.rounds):
        spent = time.monotonic() - started
        if number and spent * (number + 1) / number > 60 * options.minutes:
            return
        yield number


def turns(contestants: Sequence[str], number: int) -> list[str]:
    """A B in even rounds, B A in odd ones."""
    return list(contestants) if number % 2 == 0 else list(reversed(contestants))


def ratio(
    case: str, name: str, ours: Sequence[Outcome], theirs: Sequence[Outcome], *, speed: Speed, least: float | None = None, note: str = ""
) -> Result:
    """How many times as fast we are, the median over rounds.

    What is promised holds only where our accuracy is not worse than the guard allows.
    """
    value = median([speed(mine) / speed(other) for mine, other in zip(ours, theirs, strict=True)])
    apart = difference([item.accuracy for item in ours], [item.accuracy for item in theirs])
    guard = "" if apart.is_guarded else "; **does not count**"
    memory = median([item.peak_mb for item in theirs])
    return Result(
        case=case,
        figure=f"times as fast as {name}",
        value=value,
        unit="x",
        must=f"≥ {least:.3g} x" if least is not None else "",
        holds=None if least is None else value >= least and apart.is_guarded,
        note=f"{note}{', ' if note else ''}{memory:.0f} MB, our accuracy {apart.shown()}{guard}, {len(ours)} rounds",
        least=least,
    )


def own(case: str, ours: Sequence[Outcome], *, figure: str, unit: str, value: Callable[[Outcome], float]) -> list[Result]:
    """Our own figure with accuracy and memory."""
    accuracy = 100 * sum(item.accuracy for item in ours) / len(ours)
    return [
        Result(case=case, figure=figure, value=median([value(item) for item in ours]), unit=unit, note=f"{accuracy:.1f} % on test"),
        Result(case=case, figure="TL Studio, peak memory", value=median([item.peak_mb for item in ours]), unit="MB"),
    ]
