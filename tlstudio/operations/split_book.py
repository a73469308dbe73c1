"""Where images lie already, and where new ones go: whole units, nothing that is placed ever moves by itself."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split, SplitPlan, SplitUnit, assign_splits
from tlstudio.domain.units import Units, group_name

_MIXED = "\0mixed"
"""The stratum of units of which no class has more than half, such as a slide that shows everything."""


class ToPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One image that needs a split. Classes are told apart by name: their ids differ from project to project, a division must not."""

    content_hash: str
    class_name: str
    group: str | None = None


class SplitBook:
    """Kept up to date batch by batch, so that an import costs the same at its end as at its start.

    A unit is what exact copies, near copies and groups hold together. Where one lies in several splits already (the data came so), new
    images follow it into training, where a copy more does no harm.
    """

    def __init__(self, plan: SplitPlan) -> None:
        self._plan = plan
        self._units = Units()
        self._split_by_unit: dict[str, Split] = {}
        self._counts: Counter[tuple[str, Split]] = Counter()

    @classmethod
    def of(cls, dataset: Dataset, plan: SplitPlan | None = None) -> "SplitBook":
        """With all images of a project that have a split."""
        book = cls.related(dataset, plan or dataset.plan)
        for sample in dataset.ready:
            if sample.split is not None:
                book.note(sample.content_hash, class_name(dataset, sample), sample.split, group=sample.group)
        return book

    @classmethod
    def related(cls, dataset: Dataset, plan: SplitPlan) -> "SplitBook":
        """With what holds a project's images together, and none of them placed."""
        book = cls(plan)
        book.relate(dataset.near_copies)
        for sample in dataset.ready:
            book._join_group(sample.content_hash, sample.group)
        return book

    def relate(self, near: Iterable[NearCopy]) -> None:
        """These are near copies: they are of one unit from now on."""
        for pair in near:
            self._join(pair.first, pair.second)

    def note(self, content_hash: str, class_name: str | None, split: Split, *, group: str | None = None) -> None:
        """This image is in `split`; its unit follows it."""
        self._join_group(content_hash, group)
        self._settle(self._units.root(content_hash), split)
        if class_name is not None:
            self._counts[class_name, split] += 1

    def place(self, new: Sequence[ToPlace]) -> list[Split]:
        """A split for each; whole units together, also where their images carry different classes."""
        for item in new:
            self._join_group(item.content_hash, item.group)
        members: dict[str, list[ToPlace]] = {}
        for item in new:
            root = self._units.root(item.content_hash)
            if root not in self._split_by_unit:
                members.setdefault(root, []).append(item)
        units = {root: _unit(items) for root, items in members.items()}
        assigned = assign_splits([*self._placed({unit.class_id or "" for unit in units.values()}), *units.values()], self._plan)
        for root, unit in units.items():
            self._split_by_unit[root] = assigned[unit.key]
        splits = [self._split_by_unit[self._units.root(item.content_hash)] for item in new]
        for item, split in zip(new, splits, strict=True):
            self._counts[item.class_name, split] += 1
        return splits

    def _join_group(self, content_hash: str, group: str | None) -> None:
        if group is not None and content_hash:
            self._join(content_hash, group_name(group))

    def _join(self, one: str, other: str) -> None:
        merged = self._units.join(one, other)
        if merged is None:
            return
        kept, gone = merged
        split = self._split_by_unit.pop(gone, None)
        if split is not None:
            self._settle(kept, split)

    def _settle(self, root: str, split: Split) -> None:
        before = self._split_by_unit.get(root, split)
        self._split_by_unit[root] = min(before, split, key=list(Split).index)

    def _placed(self, strata: set[str]) -> Iterable[SplitUnit]:
        """What each of these strata has already, as one unit a split; mixed units fill what is missing in the whole."""
        for name in strata:
            for split in Split:
                counts = self._counts
                number = sum(num for (_, part), num in counts.items() if part is split) if name == _MIXED else counts[name, split]
                if number:
                    yield SplitUnit(key=f"\0{name}\0{split}", class_id=name, num_samples=number, split=split)


def class_name(dataset: Dataset, sample: Sample) -> str | None:
    """The name of a sample's class."""
    return None if sample.class_id is None else dataset.class_by_id[sample.class_id].name


def _unit(items: list[ToPlace]) -> SplitUnit:
    """As one to be placed: under the class of most of its images. Its key is the same whatever order they come in."""
    name, number = Counter(sorted(item.class_name for item in items)).most_common(1)[0]
    return SplitUnit(
        key=min(item.content_hash for item in items), class_id=name if 2 * number > len(items) else _MIXED, num_samples=len(items)
    )
