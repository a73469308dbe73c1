"""Which samples train, which choose and which judge: an assignment that stays put when images are added."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class Split(StrEnum):
    """The part a sample plays."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class SplitPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a project divides its samples. The shares sum to 1; `seed` fixes the division for ever."""

    train: float = 0.70
    val: float = 0.15
    test: float = 0.15
    seed: int = 0
    given: bool = False
    """True where the data came with train and validation parts of its own; unassigned samples then go to training."""

    def __post_init__(self) -> None:
        shares = (self.train, self.val, self.test)
        if min(shares) < 0 or abs(sum(shares) - 1.0) > 1e-6:
            raise ValueError(f"shares must be 0 or more and sum to 1, not {shares}")


class SplitUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Samples that must stay on one side: exact and near copies of each other, and whole groups (slide, patient, burst)."""

    key: str
    """What makes the unit the same unit tomorrow: a content hash of it."""
    class_id: str | None
    num_samples: int
    split: Split | None = None
    """Where it already is; None for a unit that is new."""


def assign_splits(units: Iterable[SplitUnit], plan: SplitPlan) -> dict[str, Split]:
    """Give every new unit a split, stratified by class; units that have one keep it.

    Within a class the new units are taken in an order that depends on `plan.seed` and their key alone, each going to
    the split that is furthest below its share. So adding images never moves one that was assigned before.
    Returns the split of every unit that had none, by key. Deterministic.
    """
    by_class: Mapping[str, list[SplitUnit]] = defaultdict(list)
    for unit in units:
        by_class[unit.class_id or ""].append(unit)
    assigned: dict[str, Split] = {}
    for members in by_class.values():
        assigned.update(_assign_class(members, plan))
    return assigned


def _assign_class(units: list[SplitUnit], plan: SplitPlan) -> dict[str, Split]:
    # A split without a share is not filled, and what lies in it (a given test part) does not count against the others.
    shares = {split: share for split, share in zip(Split, (plan.train, plan.val, plan.test), strict=True) if share > 0}
    counts = dict.fromkeys(shares, 0)
    for unit in units:
        if unit.split in counts:
            counts[unit.split] += unit.num_samples
    new = sorted((unit for unit in units if unit.split is None), key=lambda unit: _order(plan.seed, unit.key))
    assigned: dict[str, Split] = {}
    for unit in new:
        split = Split.TRAIN if plan.given else _furthest_below(shares, counts, unit.num_samples)
        counts[split] = counts.get(split, 0) + unit.num_samples
        assigned[unit.key] = split
    return assigned


def _furthest_below(shares: Mapping[Split, float], counts: Mapping[Split, int], arriving: int) -> Split:
    total = sum(counts.values()) + arriving
    return max(shares, key=lambda split: (shares[split] * total - counts[split], shares[split]))


def _order(seed: int, key: str) -> bytes:
    return hashlib.blake2b(f"{seed}\0{key}".encode(), digest_size=16).digest()
