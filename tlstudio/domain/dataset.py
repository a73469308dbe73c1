"""A snapshot of a project's data: what panels render and operations count."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from copy import copy
from functools import cached_property
from pathlib import Path

from tlstudio.domain.evidence import Evidence
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.quality import Qualities
from tlstudio.domain.samples import Class, Root, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.domain.units import Units, group_name


class Dataset:
    """Everything known of a project's samples at one moment. Immutable; a new one is made after each edit.

    `samples` are in the order of their ids and include those set aside.
    """

    def __init__(
        self,
        *,
        samples: tuple[Sample, ...],
        classes: tuple[Class, ...],
        roots: tuple[Root, ...],
        plan: SplitPlan,
        near_copies: tuple[NearCopy, ...] = (),
        taken_at: Mapping[int, float] | None = None,
        came_as: Mapping[int, Split] | None = None,
    ) -> None:
        self.samples = samples
        self.classes = classes
        self.roots = roots
        self.plan = plan
        self.near_copies = near_copies
        """Enough pairs of files, by content hash, to hold all sets of near copies together."""
        self.taken_at = taken_at or {}
        """When samples were taken, by id, of those whose file says so: seconds on the camera's own clock."""
        self.came_as = came_as or {}
        """The split that the data itself gave samples, by id, of those it gave one."""
        self.evidence = Evidence()

    def with_evidence(self, evidence: Evidence) -> "Dataset":
        """The same snapshot, counts that are made included, with what else is known of its images."""
        other = copy(self)
        other.evidence = evidence
        other.__dict__.pop("qualities", None)
        return other

    @cached_property
    def by_id(self) -> dict[int, Sample]:
        """Samples by id."""
        return {sample.id: sample for sample in self.samples}

    @cached_property
    def class_by_id(self) -> dict[str, Class]:
        """Classes by id."""
        return {item.id: item for item in self.classes}

    @cached_property
    def ready(self) -> tuple[Sample, ...]:
        """The samples that take part."""
        return tuple(sample for sample in self.samples if sample.state is SampleState.READY)

    @cached_property
    def set_aside(self) -> tuple[Sample, ...]:
        """The samples that do not take part, each with its reason."""
        return tuple(sample for sample in self.samples if sample.state is SampleState.SET_ASIDE)

    @cached_property
    def qualities(self) -> Qualities:
        """Of the samples that take part, in the order of ids, where that evidence is at hand and they were measured."""
        known = ((sample.id, self.evidence.qualities.get(sample.content_hash)) for sample in self.ready)
        return Qualities((id, quality) for id, quality in known if quality is not None)

    @cached_property
    def units(self) -> tuple[tuple[Sample, ...], ...]:
        """What a division must not tear apart: sets of two or more images that take part and are held together by exact copies, near
        copies and groups, in the order of ids."""
        units = Units()
        for pair in self.near_copies:
            units.join(pair.first, pair.second)
        for sample in self.ready:
            if sample.group is not None and sample.content_hash:
                units.join(sample.content_hash, group_name(sample.group))
        members: dict[str, list[Sample]] = defaultdict(list)
        for sample in self.ready:
            if sample.content_hash:
                members[units.root(sample.content_hash)].append(sample)
        return tuple(tuple(unit) for unit in members.values() if len(unit) > 1)

    @cached_property
    def num_groups(self) -> int:
        """Groups of samples that take part."""
        return len({sample.group for sample in self.ready} - {None})

    @cached_property
    def num_by_class(self) -> Counter[str | None]:
        """Ready samples by class id; None counts the unlabelled."""
        return Counter(sample.class_id for sample in self.ready)

    @cached_property
    def num_by_split(self) -> Counter[Split]:
        """Ready, labelled samples by split."""
        return Counter(sample.split for sample in self.ready if sample.split is not None and sample.class_id is not None)

    @cached_property
    def num_moved(self) -> int:
        """Samples that take part and lie in another split than the one they came with."""
        return sum(self.came_as.get(sample.id, sample.split) is not sample.split for sample in self.ready)

    @property
    def measure(self) -> Split:
        """The split that judges: test, or validation where the data brought no test part."""
        return Split.TEST if self.num_by_split[Split.TEST] else Split.VAL

    def file_of(self, sample: Sample) -> Path:
        """Where the sample's file is on this machine."""
        return Path(next(root.path for root in self.roots if root.id == sample.root)) / sample.path
