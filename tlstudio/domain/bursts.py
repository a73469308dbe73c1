"""Groups that times of capture suggest: images taken within seconds of each other show nearly the same. Pure functions; a person confirms.

They are proposed only where all of this holds:

1. At least 9 of 10 images that take part say when they were taken.
2. There are three bursts or more (a burst: two images or more, each at most `GAP_S` after the one before), with a tenth of the images
   in them.
3. The pauses between bursts are clearly longer than those within: of the steps from one image to the next at most 1 in 10 takes between
   `GAP_S` and `PAUSE_S`. Else a camera took its pictures at an even pace, and where a burst would end is chance.
4. Every class is left with three independent units (bursts, single images) or more: one to learn from, one to choose by, one to judge.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from time import gmtime, strftime

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.grouping import MIN_GROUPS, MIN_SHARE, GroupProposal

BURST = "burst"
"""The rule's name beside those of RULES."""
GAP_S = 5.0
PAUSE_S = 20.0
MIN_IN_BURSTS = 0.1
MOST_UNCLEAR = 0.1
_PREFIX = "burst "


def propose_bursts(dataset: Dataset) -> GroupProposal | None:
    """The bursts of the images that take part; None where they are not plausible. Images taken alone get no group."""
    if not dataset.taken_at:
        return None
    ready = {sample.id: sample for sample in dataset.ready}
    taken_at = {id: at for id, at in dataset.taken_at.items() if id in ready}
    if not ready or len(taken_at) < MIN_SHARE * len(ready) or not _has_clear_pauses(taken_at):
        return None
    bursts = [burst for burst in bursts_of(taken_at) if len(burst) > 1]
    group_by_sample = {id: _name(taken_at[burst[0]]) for burst in bursts for id in burst}
    if len(bursts) < MIN_GROUPS or len(group_by_sample) < MIN_IN_BURSTS * len(ready):
        return None
    if not _leaves_enough(dataset, group_by_sample):
        return None
    largest = sorted(bursts, key=len, reverse=True)[:3]
    examples = tuple((_name(taken_at[burst[0]]), ready[burst[0]].name) for burst in largest)
    return GroupProposal(rule=BURST, group_by_sample=group_by_sample, examples=examples)


def bursts_of(taken_at: Mapping[int, float]) -> list[list[int]]:
    """Samples in the order they were taken, a new list after every pause longer than `GAP_S`."""
    bursts: list[list[int]] = []
    last: float | None = None
    for id in sorted(taken_at, key=lambda id: (taken_at[id], id)):
        if last is None or taken_at[id] - last > GAP_S:
            bursts.append([])
        bursts[-1].append(id)
        last = taken_at[id]
    return bursts


def is_burst(group: str) -> bool:
    """Whether a group has the name of a burst."""
    return group.startswith(_PREFIX)


def _name(began_at: float) -> str:
    """The same for the same burst tomorrow, and no two bursts share one: they are further apart than a second."""
    return _PREFIX + strftime("%Y-%m-%d %H:%M:%S", gmtime(began_at))


def _has_clear_pauses(taken_at: Mapping[int, float]) -> bool:
    steps = [later - earlier for earlier, later in pairwise(sorted(taken_at.values()))]
    return sum(GAP_S < step <= PAUSE_S for step in steps) <= MOST_UNCLEAR * len(steps)


def _leaves_enough(dataset: Dataset, group_by_sample: Mapping[int, str]) -> bool:
    units: dict[str, set[object]] = defaultdict(set)
    for sample in dataset.ready:
        if sample.class_id is not None:
            units[sample.class_id].add(group_by_sample.get(sample.id, sample.id))
    return bool(units) and all(len(members) >= MIN_GROUPS for members in units.values())
