"""The latest picture of the data, kept so that an edit of one image does not read all of them again."""

from bisect import bisect_left
from pathlib import Path

from tlstudio.domain.commands import Change
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.project import queries
from tlstudio.project.database import Database


class Snapshot:
    """Gives the same `Dataset` until something changes it. Only the writer may trust it: nobody else writes.

    What was touched is read again when the next one is asked for. The other samples are the same objects in both, so that a data set
    which grows while it is imported takes neither the time nor the memory to read it all, however often somebody looks.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._latest: Dataset | None = None
        self._samples: tuple[Sample, ...] = ()
        """As they were when `_latest` was made."""
        self._touched: set[int] | None = None
        """Samples that are others since, or new; None where any may be."""
        self._near: tuple[NearCopy, ...] | None = None
        self._taken_at: dict[int, float] | None = None
        self._came_as: dict[int, Split] | None = None

    def get(self) -> Dataset:
        """Everything, as of now."""
        if not self._database.writable:
            self.forget()
        if self._latest is None:
            self._samples = self._samples_now()
            self._touched = set()
            self._latest = Dataset(
                samples=self._samples,
                classes=queries.classes(self._database),
                roots=queries.roots(self._database, self._folder),
                plan=queries.settings(self._database).split_plan,
                near_copies=self._near_copies(),
                taken_at=self._times(),
                came_as=self._places(),
            )
        return self._latest

    def follow(self, change: Change | None) -> None:
        """Read again what an edit or an import touched, and nothing else."""
        if change is not None:
            self._latest = None
            if change.added:
                self._taken_at = self._came_as = None
            if self._touched is not None:
                self._touched.update(change.samples)

    def follow_settings(self) -> None:
        """Roots, settings or near copies are others; no sample is."""
        self._latest = self._near = None

    def forget(self) -> None:
        """Read everything next time."""
        self._latest = self._touched = self._near = self._taken_at = self._came_as = None
        self._samples = ()

    def _samples_now(self) -> tuple[Sample, ...]:
        if self._touched is None or 2 * len(self._touched) > len(self._samples):
            return tuple(queries.samples(self._database))
        samples = list(self._samples)
        for sample in queries.samples_by_id(self._database, sorted(self._touched)):
            place = bisect_left(samples, sample.id, key=lambda item: item.id)
            samples[place : place + 1] = [sample]  # in its place, or behind the last one: ids only grow
        return tuple(samples)

    def _near_copies(self) -> tuple[NearCopy, ...]:
        """No edit changes them, so they are read once."""
        if self._near is None:
            self._near = queries.near_copies(self._database)
        return self._near

    def _times(self) -> dict[int, float]:
        """Only new samples bring some."""
        if self._taken_at is None:
            self._taken_at = queries.taken_at(self._database)
        return self._taken_at

    def _places(self) -> dict[int, Split]:
        """As with times; what a person does to a split does not change where it came from."""
        if self._came_as is None:
            self._came_as = queries.came_as(self._database)
        return self._came_as
