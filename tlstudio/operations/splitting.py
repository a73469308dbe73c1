"""Dividing images into training, validation and test: exact copies together, nothing that is placed ever moves by itself."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tlstudio.domain.commands import Change, SetSplits
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split, SplitPlan, SplitUnit, assign_splits
from tlstudio.messages import Message, message
from tlstudio.project.project import Project


class ToPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One image that needs a split. Classes are told apart by name: their ids differ from project to project, a division must not."""

    content_hash: str
    class_name: str


class SplitBook:
    """Where everything is already, kept up to date batch by batch, so that an import costs the same at its end as at its start."""

    def __init__(self, plan: SplitPlan) -> None:
        self._plan = plan
        self._split_by_hash: dict[str, Split] = {}
        self._counts: Counter[tuple[str, Split]] = Counter()

    @classmethod
    def of(cls, dataset: Dataset, plan: SplitPlan | None = None) -> "SplitBook":
        """With all images of a project that have a split."""
        book = cls(plan or dataset.plan)
        for sample in dataset.ready:
            if sample.split is not None:
                book.note(sample.content_hash, _class_name(dataset, sample), sample.split)
        return book

    def note(self, content_hash: str, class_name: str | None, split: Split) -> None:
        """This image is in `split`; copies that come later follow it."""
        self._split_by_hash.setdefault(content_hash, split)
        if class_name is not None:
            self._counts[class_name, split] += 1

    def place(self, new: Sequence[ToPlace]) -> list[Split]:
        """A split for each, copies of one image together, also where they carry different classes."""
        by_hash: dict[str, list[ToPlace]] = {}
        for item in new:
            if item.content_hash not in self._split_by_hash:
                by_hash.setdefault(item.content_hash, []).append(item)
        units = [SplitUnit(key=key, class_id=items[0].class_name, num_samples=len(items)) for key, items in by_hash.items()]
        assigned = assign_splits([*self._placed({unit.class_id or "" for unit in units}), *units], self._plan)
        for item in new:
            self.note(item.content_hash, item.class_name, self._split_by_hash.get(item.content_hash) or assigned[item.content_hash])
        return [self._split_by_hash[item.content_hash] for item in new]

    def _placed(self, class_names: set[str]) -> Iterable[SplitUnit]:
        """What each of these classes has already, as one unit a split."""
        for name in class_names:
            for split in Split:
                if number := self._counts[name, split]:
                    yield SplitUnit(key=f"\0{name}\0{split}", class_id=name, num_samples=number, split=split)


def split(project: Project, plan: SplitPlan | None = None) -> Change:
    """Give every labelled image that has no split one. `plan` is stored where it is given; no placed image moves."""
    if plan is not None:
        _store(project, plan)
    dataset = project.dataset()
    return _place(project, dataset, [sample for sample in dataset.ready if sample.class_id is not None and sample.split is None])


def split_labelled(project: Project, sample_ids: Sequence[int]) -> Change | None:
    """After labelling: those of `sample_ids` that have a class now but no split get one. None where there are none."""
    if all(sample.split is not None or sample.class_id is None for sample in project.samples(sample_ids)):
        return None
    dataset = project.dataset()
    wanted = [dataset.by_id[id] for id in sample_ids]
    return _place(project, dataset, [sample for sample in wanted if sample.class_id is not None and sample.split is None])


def split_again(project: Project, plan: SplitPlan) -> Change:
    """Divide anew by `plan`; undone with one key.

    Images put somewhere by hand stay there. A division that came with the data is given up, unless `plan.given`.
    """
    dataset = project.dataset()
    keeps_given = plan.given or not dataset.plan.given
    _store(project, plan)
    book = SplitBook(plan)
    moving: list[Sample] = []
    for sample in dataset.ready:
        if sample.split is not None and sample.split_given and keeps_given:
            book.note(sample.content_hash, _class_name(dataset, sample), sample.split)
        elif sample.class_id is not None:
            moving.append(sample)
    placed = _placed_by(book, dataset, moving)
    command = SetSplits(split_by_sample=dict(placed), given=dict.fromkeys(placed, False))
    return _said(project.apply(command), message("split.again", "{number} images divided anew", number=len(placed)))


def _place(project: Project, dataset: Dataset, samples: list[Sample]) -> Change:
    if not samples:
        return Change(words=message("split.nothing", "Every labelled image has its split"))
    placed = _placed_by(SplitBook.of(dataset), dataset, samples)
    change = project.apply(SetSplits(split_by_sample=dict(placed)), undoable=False)
    return _said(change, message("split.done", "{number} images divided", number=len(placed)))


def _placed_by(book: SplitBook, dataset: Dataset, samples: list[Sample]) -> dict[int, Split]:
    splits = book.place([ToPlace(content_hash=sample.content_hash, class_name=_class_name(dataset, sample) or "") for sample in samples])
    return dict(zip((sample.id for sample in samples), splits, strict=True))


def _class_name(dataset: Dataset, sample: Sample) -> str | None:
    return None if sample.class_id is None else dataset.class_by_id[sample.class_id].name


def _store(project: Project, plan: SplitPlan) -> None:
    settings = project.settings()
    if settings.split_plan != plan:
        project.set_settings(msgspec.structs.replace(settings, split_plan=plan))


def _said(change: Change, words: Message) -> Change:
    return msgspec.structs.replace(change, words=words)
