"""What the Data panel shows, as plain values computed from a snapshot: filters, classes, splits, the selected images."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding
from tlstudio.domain.samples import Class, Sample, SampleState
from tlstudio.domain.splits import Split
from tlstudio.ui.data.orders import Ranks
from tlstudio.ui.words import number, say, tr, tr_n

NUM_KEYS = 9


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which samples are shown: what a chip stands for, of one class or certain ones only, with these words in name, note, group or class.

    All of it holds at once; `with_chip` and `with_class` know what cannot be.
    """

    chip: str = "all"
    query: str = ""
    class_id: str | None = None
    only: frozenset[int] | None = None
    label: str = ""
    """What the pill for the class or the certain samples says."""
    check: str = ""
    """The check whose finding named the certain samples, where one did."""

    @property
    def is_part(self) -> bool:
        """Whether it shows less than its chip stands for."""
        return bool(self.query.strip()) or self.class_id is not None or self.only is not None

    def with_chip(self, chip: str) -> "Filter":
        """Another chip. "All" is everything but for the words; what has no class is of none."""
        if chip == "all" or (chip == "unlabelled" and self.class_id is not None):
            return Filter(chip=chip, query=self.query)
        return replace(self, chip=chip)

    def with_class(self, class_id: str, name: str) -> "Filter":
        """One class, of the part that is shown."""
        return replace(self, chip="all" if self.chip == "unlabelled" else self.chip, class_id=class_id, only=None, label=name, check="")

    def without_pick(self) -> "Filter":
        """Of every class."""
        return Filter(chip=self.chip, query=self.query)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The samples a filter lets through, and how many each chip would."""

    ids: list[int] = field(default_factory=list)
    num_by_chip: Counter[str] = field(default_factory=Counter)


CHIPS: dict[str, Callable[[Sample], bool]] = {
    "all": lambda sample: True,
    "train": lambda sample: sample.state is SampleState.READY and sample.split is Split.TRAIN,
    "val": lambda sample: sample.state is SampleState.READY and sample.split is Split.VAL,
    "test": lambda sample: sample.state is SampleState.READY and sample.split is Split.TEST,
    "unlabelled": lambda sample: sample.state is SampleState.READY and sample.class_id is None,
}
"""What a sample itself says; "problems" are known of the data as a whole."""


_OF_MANY = ("tiny_classes", "unlabelled", "possible_bursts")
"""Checks whose findings are no fault of the images they name: a class is small, what has no class has its own chip, a burst is none."""


def show(dataset: Dataset, wanted: Filter, findings: Sequence[Finding] = (), *, ranks: Ranks | None = None) -> Shown:
    """Apply a filter and an order. Takes as long as the data set is large: call it in the background."""
    problems = _problems(dataset, findings)
    passes = CHIPS.get(wanted.chip, lambda sample: sample.id in problems)
    query = wanted.query.casefold().split()
    names = {item.id: item.name.casefold() for item in dataset.classes}
    ids = [
        sample.id
        for sample in dataset.samples
        if passes(sample) and _is_picked(sample, wanted) and (not query or _matches(sample, query, names))
    ]
    if ranks is not None:
        ids.sort(key=ranks.of)
    return Shown(ids=ids, num_by_chip=_counts(dataset, num_problems=len(problems)))


def _problems(dataset: Dataset, findings: Sequence[Finding]) -> set[int]:
    """What is set aside, and every image that a finding points at for its own sake."""
    named = {id for finding in findings if finding.check not in _OF_MANY for id in finding.samples if id in dataset.by_id}
    return named | {sample.id for sample in dataset.set_aside}


def _is_picked(sample: Sample, wanted: Filter) -> bool:
    return (wanted.only is None or sample.id in wanted.only) and (wanted.class_id is None or sample.class_id == wanted.class_id)


def _matches(sample: Sample, query: list[str], names: dict[str, str]) -> bool:
    text = f"{sample.path}\n{sample.note}\n{sample.group or ''}\n{names.get(sample.class_id or '', '')}".casefold()
    return all(word in text for word in query)


def _counts(dataset: Dataset, *, num_problems: int) -> Counter[str]:
    ready = Counter(sample.split for sample in dataset.ready)
    return Counter(
        all=len(dataset.samples),
        train=ready[Split.TRAIN],
        val=ready[Split.VAL],
        test=ready[Split.TEST],
        unlabelled=dataset.num_by_class[None],
        problems=num_problems,
    )


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """A line of the classes card."""

    id: str
    name: str
    position: int
    """Gives the colour."""
    key: int | None
    """1 to 9: the key that sets it."""
    num_images: int
    share: float
    """Of the largest class, 0..1: the length of the bar."""


def ordered_classes(dataset: Dataset) -> list[Class]:
    """The classes in the order their keys count them."""
    return sorted(dataset.classes, key=lambda item: item.position)


def class_rows(dataset: Dataset) -> list[ClassRow]:
    """The classes with their counts; bars compare them with the largest one."""
    largest = max((dataset.num_by_class[item.id] for item in dataset.classes), default=0)
    return [
        ClassRow(
            id=item.id,
            name=item.name,
            position=item.position,
            key=place if place <= NUM_KEYS else None,
            num_images=dataset.num_by_class[item.id],
            share=dataset.num_by_class[item.id] / largest if largest else 0.0,
        )
        for place, item in enumerate(ordered_classes(dataset), 1)
    ]


def class_at(dataset: Dataset, place: int) -> Class | None:
    """The class that key `place` + 1 sets, if there is one."""
    classes = ordered_classes(dataset)
    return classes[place] if 0 <= place < len(classes) else None


@dataclass(frozen=True, kw_only=True)
class SplitRow:
    """A part of the division."""

    split: Split
    name: str
    num_images: int
    share: float


def split_rows(dataset: Dataset) -> list[SplitRow]:
    """The parts with their counts, of labelled images that take part."""
    total = sum(dataset.num_by_split.values())
    return [
        SplitRow(split=split, name=split_name(split), num_images=num, share=num / total if total else 0.0)
        for split in Split
        if (num := dataset.num_by_split[split]) or split is not Split.TEST
    ]


def split_name(split: Split) -> str:
    """A part's name as people say it."""
    return {Split.TRAIN: tr("Train"), Split.VAL: tr("Validation"), Split.TEST: tr("Test")}[split]


def split_note(dataset: Dataset, *, num_openings: int) -> str:
    """How the division came about, and what it means for the figures."""
    if not dataset.num_by_split:
        return tr("Images are divided when they have classes.")
    kept = (
        tr("Stratified by class; copies and groups stay together")
        if dataset.num_groups
        else tr("Stratified by class; copies stay together")
    )
    parts = [_as_it_came(dataset.num_moved) if dataset.plan.given else kept]
    if dataset.measure is Split.VAL:
        parts.append(tr("There is no test part: validation is the measure, and is also used for selection."))
    else:
        parts.append(opened_words(num_openings))
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _as_it_came(num_moved: int) -> str:
    if num_moved == 0:
        return tr("As it came with the data")
    return tr_n("As it came with the data, but 1 image moved", "As it came with the data, but {n} images moved", num_moved)


def opened_words(num_openings: int) -> str:
    """How often figures of the test set were looked at."""
    if num_openings == 0:
        return tr("Test set not opened yet")
    return tr("Test set opened once") if num_openings == 1 else tr("Test set opened {n} times", n=number(num_openings))


@dataclass(frozen=True, kw_only=True)
class Details:
    """What the inspector says of the selected images. Texts are empty where the images differ or there is nothing to say."""

    title: str
    num: int
    class_id: str | None
    is_class_mixed: bool
    split: Split | None
    is_split_mixed: bool
    lines: tuple[tuple[str, str], ...] = ()
    """(label, text)."""
    reason: str = ""
    note: str = ""
    content_hash: str = ""
    can_come_back: bool = False
    """Set aside, but readable."""
    is_aside: bool = False


def details(dataset: Dataset, ids: tuple[int, ...]) -> Details | None:
    """Of the selected images; None where nothing is selected."""
    samples = [sample for id in ids if (sample := dataset.by_id.get(id)) is not None]
    if not samples:
        return None
    first = samples[0]
    alone = len(samples) == 1
    is_class_mixed = any(sample.class_id != first.class_id for sample in samples)
    is_split_mixed = any(sample.split is not first.split for sample in samples)
    return Details(
        title=first.name if alone else tr("{n} images", n=number(len(samples))),
        num=len(samples),
        class_id=None if is_class_mixed else first.class_id,
        is_class_mixed=is_class_mixed,
        split=None if is_split_mixed else first.split,
        is_split_mixed=is_split_mixed,
        lines=_lines(first) if alone else (),
        reason=say(first.reason) if alone and first.reason else "",
        note=first.note if alone else "",
        content_hash=first.content_hash,
        can_come_back=all(sample.state is SampleState.SET_ASIDE and sample.width_px > 0 for sample in samples),
        is_aside=all(sample.state is SampleState.SET_ASIDE for sample in samples),
    )


def _lines(sample: Sample) -> tuple[tuple[str, str], ...]:
    size = tr("{w} × {h} · {format}", w=sample.width_px, h=sample.height_px, format=sample.format) if sample.width_px else ""
    rows = ((tr("Group"), sample.group or ""), (tr("Size"), size), (tr("Folder"), sample.path.rpartition("/")[0]))
    return tuple(row for row in rows if row[1])
