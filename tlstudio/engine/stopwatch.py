"""Timing that is fair on a machine that does other things too: short repetitions in turns, the best of each counts."""

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

import torch

Item = TypeVar("Item", bound=Hashable)

_FEWEST_ROUNDS, _MOST_ROUNDS = 2, 12
_ROUNDS_OF_A_DUEL = 5
_HOPELESS = 1.25
"""What is slower than the best by this factor after a round is not tried again."""


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """How long `work` takes once; a card is waited for before and after."""
    _wait_for(device)
    started = time.perf_counter()
    work()
    _wait_for(device)
    return time.perf_counter() - started


def best_of(work: Callable[[], object], device: torch.device, *, budget_s: float) -> float:
    """The shortest of as many repetitions as fit into `budget_s`, at least two; the first only warms up."""
    work()
    best, spent = float("inf"), 0.0
    number = 0
    while number < _FEWEST_ROUNDS or spent < budget_s:
        took = seconds(work, device)
        best, spent, number = min(best, took), spent + took, number + 1
    return best


def race(items: Sequence[Item], run: Callable[[Item], float], *, budget_s: float) -> Iterator[dict[Item, float]]:
    """The best time of each item so far, after every single run, in turns; `run` answers what its run took.

    Ends after `budget_s`, but not before each item that can still win had two runs.
    """
    best = dict.fromkeys(items, float("inf"))
    started = time.perf_counter()
    for number in range(_MOST_ROUNDS):
        fastest = min(best.values())
        alive = [item for item in items if number == 0 or best[item] <= _HOPELESS * fastest]
        for item in alive if number % 2 == 0 else reversed(alive):
            best[item] = min(best[item], run(item))
            yield best
        if len(alive) == 1 or (number + 1 >= _FEWEST_ROUNDS and time.perf_counter() - started > budget_s):
            return


def duel(challenger: Item, holder: Item, run: Callable[[Item], float], *, margin: float) -> Iterator[tuple[bool, float]]:
    """Whether the challenger beats the holder, and the time of the one that is left, after every round of one run each, in turns.

    It has to be faster by `margin` in its best run and in all rounds but one, so that a disturbance of either side never decides.
    """
    best, num_won = {challenger: float("inf"), holder: float("inf")}, 0
    for number in range(_ROUNDS_OF_A_DUEL):
        order = (challenger, holder) if number % 2 == 0 else (holder, challenger)
        took = {item: run(item) for item in order}
        best = {item: min(best[item], took[item]) for item in order}
        num_won += took[challenger] < (1 - margin) * took[holder]
        wins = num_won >= number and best[challenger] < (1 - margin) * best[holder]
        yield wins, best[challenger if wins else holder]


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
