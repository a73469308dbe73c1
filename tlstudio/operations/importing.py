"""Importing: a folder of images becomes samples of a project, each looked at once by the decoder process."""

import dataclasses
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.inspection import Inspected
from tlstudio.datasets.scan import Scan, scan
from tlstudio.datasets.seen import settle
from tlstudio.datasets.thumbnails import ThumbnailStore
from tlstudio.domain.archives import ARCHIVE_SUFFIX
from tlstudio.domain.commands import Change
from tlstudio.domain.grouping import rule_in_use
from tlstudio.domain.imports import ImportProblem, ImportReport
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.domain.regions import Region
from tlstudio.domain.samples import NewSample, Sample
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import Message, message
from tlstudio.operations import import_refusals as refusals
from tlstudio.operations.import_places import Candidate, Keep, Placement, place
from tlstudio.operations.intensity import choose_rule
from tlstudio.operations.looks import LookBook
from tlstudio.operations.masks import with_masks
from tlstudio.operations.split_book import SplitBook, ToPlace
from tlstudio.operations.thumbnails import thumbnail_store
from tlstudio.operations.unpacking import is_archive, unpacked
from tlstudio.project import layout
from tlstudio.project.project import Project, read_only_error

BATCH = 64
_MOST_CLASSES = 6
"""More are not named one by one."""
_REPORT_EVERY_S = 0.1
_NO_VAL_PLAN = SplitPlan(train=0.85, val=0.15, test=0.0)
"""For data that brings training and test but nothing to choose by."""


def import_data(project: Project, source: Path, *, copy: bool = False, report: Report = ignore, stop: Stop | None = None) -> ImportReport:
    """Link the images below `source` (a folder, or one image) to the project, or copy them into it.

    Those of a zip archive are always copied. Importing again adds new files, updates changed ones and tries unreadable ones
    anew. Images get their split at once: the one their folder gives, or one by the project's plan. Stopping keeps what is
    in and leaves nothing else behind. Raises `TLStudioError` where there is nothing to import, the place cannot be read,
    the project is read-only or its disk fails.
    """
    if not project.writable:
        raise read_only_error(project)
    source = source.absolute()
    if source.suffix.lower() == ARCHIVE_SUFFIX and source.is_file():
        raise refusals.is_packed_project(source)
    if not is_archive(source):
        return _import(project, source, keep=Keep.COPY if copy else Keep.LINK, report=report, stop=stop)
    with unpacked(source, project.folder / layout.IMAGES, report=report, stop=stop) as archive:
        if archive.folder is None:
            return _stopped()
        outcome = _import(project, archive.folder, keep=Keep.MOVE, report=report, stop=stop, shown=source)
    skipped = (*archive.skipped, *outcome.skipped)
    return msgspec.structs.replace(outcome, skipped=skipped, num_skipped=outcome.num_skipped + len(archive.skipped))


def import_own(project: Project, source: Path, *, report: Report, stop: Stop | None) -> ImportReport:
    """As `import_data`, for a folder that is the program's own, on the project's disk: the images are moved in."""
    return _import(project, source, keep=Keep.MOVE, report=report, stop=stop)


def _import(project: Project, source: Path, *, keep: Keep, report: Report, stop: Stop | None, shown: Path | None = None) -> ImportReport:
    """`shown`: what people know the source as, where it is not the folder itself."""
    report(Progress(what=message("import.looking", "Looking for images"), done=0))
    found = with_masks(_scan(source, stop, shown or source), report=report, stop=stop)
    rule = choose_rule(project, [found.source / file.path for file in found.files])
    run = _Import(project, found, rule=rule, keep=keep, report=report, stop=stop)
    with thumbnail_store(project) as store, DecoderPool(project.settings().intensity) as pool:
        try:
            run.read(pool, store)
        except OSError as error:
            raise refusals.disk_failed(error) from error
    project.back_up()
    return run.outcome()


def _stopped() -> ImportReport:
    """The outcome of an import that was stopped before anything came in."""
    words = message("import.stopped", "Import stopped; {number} images are in", number=0)
    return ImportReport(
        num_found=0,
        num_added=0,
        num_updated=0,
        num_known=0,
        num_set_aside=0,
        num_skipped=0,
        classes=(),
        format_id="",
        given_splits=False,
        was_stopped=True,
        problems=(),
        skipped=(),
        change=Change(words=words),
    )


def _scan(source: Path, stop: Stop | None, shown: Path) -> Scan:
    if not source.exists():
        raise refusals.not_there(source)
    if source.is_dir() and any(source.glob("*.tlstudio")):
        raise refusals.is_a_project(source)
    try:
        found = scan(source, stop=stop)
    except OSError as error:
        raise refusals.not_readable(source, error) from error
    if not found.files and source.is_file() and found.skipped:
        raise refusals.no_image_file(shown, found.skipped[0].reason)
    if not found.files and not found.was_stopped:
        raise refusals.nothing_found(dataclasses.replace(found, source=shown))
    return found


class _Import:
    """The state of one import: what is known, what was read, what is still to be written."""

    def __init__(self, project: Project, found: Scan, *, rule: IntensityRule | None, keep: Keep, report: Report, stop: Stop | None) -> None:
        self._project = project
        self._rule = rule
        self._found = found
        self._report = report
        self._stop = stop
        self._placement: Placement = place(project, found.source, keep)
        self._has_no_val = found.given_splits and not any(file.split is Split.VAL for file in found.files)
        before = project.dataset()
        self._book = SplitBook.of(before, self._plan())
        self._looks = LookBook(project)
        self._group_rule = rule_in_use(before)
        named = {file.class_name for file in found.files if file.class_name is not None}
        self._num_before = len(before.ready)
        self._last_before = max((sample.id for sample in before.samples), default=0)
        self._old_names = {item.name for item in before.classes}
        self._class_names = named | self._old_names
        self._num = {"added": 0, "updated": 0, "known": 0, "set_aside": 0}
        self._problems: list[ImportProblem] = []
        self._unused: list[ImportProblem] = []
        self._said_anew: list[tuple[Candidate, Inspected]] = []
        """Images that are known, with other regions than those that are stored."""
        self._ids: list[int] = []
        self._started_at = time.monotonic()
        self._reported_at = 0.0
        self._num_done = 0
        self._was_stopped = found.was_stopped

    def _plan(self) -> SplitPlan:
        """How this import divides what its folders leave open; stored, so that later images follow."""
        settings = self._project.settings()
        if not self._found.given_splits:
            return settings.split_plan
        seed = settings.split_plan.seed
        plan = msgspec.structs.replace(_NO_VAL_PLAN, seed=seed) if self._has_no_val else SplitPlan(seed=seed, given=True)
        if plan != settings.split_plan:
            self._project.set_settings(msgspec.structs.replace(settings, split_plan=plan))
        return plan

    def read(self, pool: DecoderPool, store: ThumbnailStore) -> None:
        """Decode, in the order of the paths; write every `BATCH` images in one transaction.

        Raises `OSError` where no more can be copied; what was decoded before is in.
        """
        handed: deque[Candidate] = deque()
        batch: list[tuple[Candidate, Inspected]] = []
        try:
            for inspected in pool.inspect(self._paths(handed)):
                batch.append((handed.popleft(), inspected))
                self._num_done += 1
                if len(batch) == BATCH:
                    self._write_out(batch, store)
                self._say()
                if self._is_stopped():
                    break
        except OSError:
            self._placement.forget(handed)
            self._write_out(batch, store)
            raise
        self._write_out(batch, store)
        self._placement.forget(handed)
        self._say(last=True)

    def _write_out(self, batch: list[tuple[Candidate, Inspected]], store: ThumbnailStore) -> None:
        for part in (batch, self._said_anew):
            self._write(part, store)
            part.clear()

    def _paths(self, handed: deque[Candidate]) -> Iterator[Path]:
        """The files to decode; those that are known and unchanged are only counted."""
        for file in self._found.files:
            if self._is_stopped():
                return
            candidate = self._placement.candidate(file)
            if candidate.is_unchanged:
                self._note_unchanged(candidate)
                self._num_done += 1
                self._say()
                continue
            handed.append(candidate)
            yield candidate.file

    def _note_unchanged(self, candidate: Candidate) -> None:
        """The image is as it was; what the annotations say of it may be new."""
        sample = candidate.known
        assert sample is not None
        if candidate.found.seen is not None:
            regions, _ = settle(candidate.found.seen, sample.width_px, sample.height_px)
            if self._project.regions.of([sample.id]).get(sample.id, ()) != regions:
                self._said_anew.append((candidate, _as_known(sample, candidate.file)))
                return
            self._settle(candidate, sample.width_px, sample.height_px)
        self._num["known"] += 1

    def _settle(self, candidate: Candidate, width_px: int, height_px: int) -> tuple[Region, ...] | None:
        """What is kept of what is said of the image; what is not is noted."""
        seen = candidate.found.seen
        if seen is None:
            return None
        regions, problems = settle(seen, width_px, height_px)
        self._unused += [ImportProblem(path=seen.path, reason=reason, row=row) for row, reason in problems]
        return regions

    def _is_stopped(self) -> bool:
        self._was_stopped = self._was_stopped or (self._stop is not None and self._stop.is_set())
        return self._was_stopped

    def _write(self, batch: list[tuple[Candidate, Inspected]], store: ThumbnailStore) -> None:
        if not batch:
            return
        store.put({item.content_hash: item.thumbnail for _, item in batch if item.thumbnail})
        with self._project.writing():
            self._book.relate(self._looks.take(inspected for _, inspected in batch))
            new = self._with_splits([self._new_sample(candidate, inspected) for candidate, inspected in batch], batch)
            for are_given in (True, False):
                part = [item for item, is_given in new if is_given is are_given]
                if part:
                    change = self._project.add_samples(self._placement.root, part, given_splits=are_given)
                    self._ids += change.samples
        for candidate, inspected in batch:
            self._count(candidate, inspected)

    def _new_sample(self, candidate: Candidate, inspected: Inspected) -> NewSample:
        return NewSample(
            path=candidate.path,
            content_hash=inspected.content_hash,
            width_px=inspected.width_px,
            height_px=inspected.height_px,
            format=inspected.format,
            class_name=candidate.found.class_name,
            group=candidate.found.group or inspected.group or self._group_of(candidate.path),
            note=candidate.found.note,
            regions=self._settle(candidate, inspected.width_px, inspected.height_px) if inspected.reason is None else None,
            taken_at=inspected.taken_at,
            reason=inspected.reason,
        )

    def _group_of(self, path: str) -> str | None:
        """By the names of files and folders, where a person has confirmed that these are groups."""
        return self._group_rule(path, self._class_names) if self._group_rule is not None else None

    def _count(self, candidate: Candidate, inspected: Inspected) -> None:
        if candidate.known is None:
            self._num["added"] += 1
        elif candidate.known.content_hash == inspected.content_hash and inspected.reason is not None:
            self._num["known"] += 1  # as unreadable as it was
            return
        else:
            self._num["updated"] += 1
        if inspected.reason is not None:
            self._num["set_aside"] += 1
            self._problems.append(ImportProblem(path=candidate.found.path, reason=inspected.reason))

    def _with_splits(self, new: list[NewSample], batch: list[tuple[Candidate, Inspected]]) -> list[tuple[NewSample, bool]]:
        """Each with its split and whether that was given by the data. Files that cannot be used get none."""
        result: list[tuple[NewSample, bool]] = []
        open_ones: list[int] = []
        for index, (item, (candidate, _)) in enumerate(zip(new, batch, strict=True)):
            split = candidate.found.split
            is_given = split is not None and not (self._has_no_val and split is Split.TRAIN)
            result.append((msgspec.structs.replace(item, split=split if is_given else None), is_given))
            if is_given and split is not None and item.reason is None:
                self._book.note(item.content_hash, item.class_name, split, group=item.group)
            elif item.reason is None and item.class_name is not None:
                open_ones.append(index)
        to_place = [
            ToPlace(content_hash=item.content_hash, class_name=item.class_name or "", group=item.group)
            for item in (new[index] for index in open_ones)
        ]
        for index, split in zip(open_ones, self._book.place(to_place), strict=True):
            result[index] = (msgspec.structs.replace(new[index], split=split), False)
        return result

    def _say(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if now - self._reported_at < _REPORT_EVERY_S and not last:
            return
        self._reported_at = now
        rate = self._num_done / max(1e-3, now - self._started_at)
        what = message("import.reading", "Reading images")
        self._report(Progress(what=what, done=self._num_done, total=len(self._found.files), per_second=rate or None))

    def outcome(self) -> ImportReport:
        """What came of it."""
        classes = {file.class_name for file in self._found.files if file.class_name is not None}
        joined = self._joined()
        return ImportReport(
            num_found=len(self._found.files),
            num_added=self._num["added"],
            num_updated=self._num["updated"],
            num_known=self._num["known"],
            num_set_aside=self._num["set_aside"],
            num_skipped=len(self._found.skipped) + len(self._unused),
            classes=tuple(sorted(classes)),
            format_id=self._found.format_id,
            given_splits=self._found.given_splits,
            was_stopped=self._was_stopped,
            problems=tuple(self._problems),
            skipped=(*(ImportProblem(path=item.path, reason=item.reason, row=item.row) for item in self._found.skipped), *self._unused),
            remarks=(*self._words_of_joined(joined), *self._found.remarks),
            num_joined=joined.total(),
            change=Change(samples=tuple(sorted(set(self._ids))), classes=True, added=True, words=self._words()),
            intensity=self._rule,
        )

    def _joined(self) -> "Counter[str | None]":
        """Usable images that came to those of a project, by the class they are of there: it may be called otherwise than their folder."""
        dataset = self._project.dataset()
        new = (sample.class_id for sample in dataset.ready if sample.id > self._last_before) if self._num_before else ()
        return Counter(dataset.class_by_id[id].name if id is not None else None for id in new)

    def _words_of_joined(self, joined: "Counter[str | None]") -> list[Message]:
        """What was dropped on a project may have been meant to be one of its own, so it is told what joined it."""
        if not joined:
            return []
        numbers = {"added": joined.total(), "before": self._num_before}
        said = []
        if named := Counter({name: number for name, number in joined.items() if name is not None}):
            most = named.most_common(_MOST_CLASSES)
            classes = ", ".join(f"{name} {number}" for name, number in most) + ("…" if len(named) > len(most) else "")
            said.append(message("import.joined", "{added} new beside the {before} that were there: {classes}.", **numbers, classes=classes))
            if joined[None]:
                said.append(message("import.joined.some_classless", "Without a class: {number}.", number=joined[None]))
        else:
            said.append(message("import.joined.classless", "{added} without a class beside the {before} that were there.", **numbers))
        if new := sorted(named.keys() - self._old_names):
            names = ", ".join(new[:_MOST_CLASSES]) + ("…" if len(new) > _MOST_CLASSES else "")
            one = message("import.joined.class", "New class: {names}.", names=names)
            said.append(one if len(new) == 1 else message("import.joined.classes", "New classes: {names}.", names=names))
        return said

    def _words(self) -> Message:
        added, aside = self._num["added"], self._num["set_aside"]
        if self._was_stopped:
            return message("import.stopped", "Import stopped; {number} images are in", number=added)
        if not added and not self._num["updated"]:
            return message("import.nothing_new", "Nothing new: all {number} images were there already", number=self._num["known"])
        if self._rule is not None:
            low, high = f"{self._rule.low:g}", f"{self._rule.high:g}"
            return message(
                "import.done_deep", "{number} images are in; {low} to {high} become black to white", number=added, low=low, high=high
            )
        num_in_table = sum(item.row is not None for item in self._found.skipped) + len(self._unused)
        if num_in_table:
            text = "{number} images are in; problems in the labels: {problems}"
            return message("import.done_labels", text, number=added, problems=num_in_table)
        if aside:
            return message("import.done_aside", "{number} images added, {aside} of them set aside", number=added, aside=aside)
        if added == 1:
            return message("import.done_one", "1 image is in")
        return message("import.done", "{number} images are in", number=added)


def _as_known(sample: Sample, file: Path) -> Inspected:
    """What decoding an unchanged file again would answer, without its thumbnail."""
    return Inspected(
        path=file, content_hash=sample.content_hash, width_px=sample.width_px, height_px=sample.height_px, format=sample.format
    )
