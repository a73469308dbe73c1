"""Which fold of a cross-validation a sample is in: stratified by class, whole by unit, and staying put when images are added."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

FEWEST_FOLDS = 3
"""One judges, one chooses the penalty, and at least one is learned from."""
MOST_FOLDS = 20


class FoldPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a project's images are dealt into folds; `seed` fixes it for ever."""

    num_folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if not FEWEST_FOLDS <= self.num_folds <= MOST_FOLDS:
            raise ValueError(f"folds must be {FEWEST_FOLDS} to {MOST_FOLDS}, not {self.num_folds}")
        if self.seed < 0:
            raise ValueError("the seed must be 0 or more")


class FoldUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Samples that must stay in one fold: exact and near copies of each other, and whole groups (slide, patient, burst)."""

    key: str
    """What makes the unit the same unit tomorrow: a content hash of it."""
    num_by_class: Mapping[str, int]
    """Samples by class; a slide may show several."""
    fold: int | None = None
    """Where it was dealt to before by the same plan; None for a unit that is new."""

    @property
    def num_samples(self) -> int:
        """Of all classes."""
        return sum(self.num_by_class.values())


def assign_folds(units: Iterable[FoldUnit], plan: FoldPlan) -> dict[str, int]:
    """The fold of every unit, 0 to `num_folds` - 1, by key. Deterministic, whatever order the units come in.

    Units that have a fold keep it: what arrives later moves nothing. New ones are dealt the largest first, equal ones in an order that
    depends on `plan.seed` and their key alone. Each goes to the fold that has the smallest share of its classes, then to the one with the
    fewest samples; so within a class that comes in single images the folds differ by one image at most, and a fold stays empty only where
    there are fewer units than folds.
    """
    everything = list(units)
    totals: dict[str, int] = defaultdict(int)
    for unit in everything:
        for name, number in unit.num_by_class.items():
            totals[name] += number
    dealt = _Dealt(plan.num_folds, totals)
    for unit in everything:
        if unit.fold is not None:
            dealt.put(unit, unit.fold)
    new = sorted((unit for unit in everything if unit.fold is None), key=lambda unit: (-unit.num_samples, _order(plan.seed, unit.key)))
    for unit in new:
        dealt.put(unit, dealt.best_for(unit))
    return dealt.fold_by_key


class _Dealt:
    """What each fold holds so far."""

    def __init__(self, num_folds: int, totals: Mapping[str, int]) -> None:
        self.fold_by_key: dict[str, int] = {}
        self._totals = totals
        self._by_class: dict[str, list[int]] = {name: [0] * num_folds for name in totals}
        self._sizes = [0] * num_folds

    def put(self, unit: FoldUnit, fold: int) -> None:
        self.fold_by_key[unit.key] = fold
        self._sizes[fold] += unit.num_samples
        for name, number in unit.num_by_class.items():
            self._by_class[name][fold] += number

    def best_for(self, unit: FoldUnit) -> int:
        # The sum of squares of all shares grows least there: what is added to it differs from fold to fold only by this product.
        def cost(fold: int) -> tuple[float, int, int]:
            shares = (number * self._by_class[name][fold] / self._totals[name] for name, number in sorted(unit.num_by_class.items()))
            return sum(shares), self._sizes[fold], fold

        return min(range(len(self._sizes)), key=cost)


def _order(seed: int, key: str) -> bytes:
    return hashlib.blake2b(f"fold\0{seed}\0{key}".encode(), digest_size=16).digest()
