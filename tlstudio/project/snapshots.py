"""The latest picture of the data, kept so that an edit of one image does not read all of them again."""

from bisect import bisect_left
from pathlib import Path

from tlstudio.domain.commands import Change
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.samples import Sample
from tlstudio.project import queries
from tlstudio.project.database import Database

_MANY = 5000


class Snapshot:
    """Gives the same `Dataset` until something changes it. Only the writer may trust it: nobody else writes."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._latest: Dataset | None = None
        self._near: tuple[NearCopy, ...] | None = None
        self._taken_at: dict[int, float] | None = None

    def get(self) -> Dataset:
        """Everything, as of now."""
        if self._latest is None or not self._database.writable:
            self._latest = self._dataset_of(tuple(queries.samples(self._database)))
        return self._latest

    def follow(self, change: Change | None) -> None:
        """Read again what an edit touched, and nothing else."""
        if change is None or self._latest is None:
            return
        if change.added or len(change.samples) > _MANY:
            self.forget()
            return
        samples = list(self._latest.samples)
        for sample in queries.samples_by_id(self._database, change.samples):
            samples[bisect_left(samples, sample.id, key=lambda item: item.id)] = sample
        self._latest = self._dataset_of(tuple(samples))

    def forget(self) -> None:
        """Read everything next time."""
        self._latest = None
        self._near = None
        self._taken_at = None

    def _dataset_of(self, samples: tuple[Sample, ...]) -> Dataset:
        return Dataset(
            samples=samples,
            classes=queries.classes(self._database),
            roots=queries.roots(self._database, self._folder),
            plan=queries.settings(self._database).split_plan,
            near_copies=self._near_copies(),
            taken_at=self._times(),
        )

    def _near_copies(self) -> tuple[NearCopy, ...]:
        """No edit changes them, so they are read once."""
        if self._near is None or not self._database.writable:
            self._near = queries.near_copies(self._database)
        return self._near

    def _times(self) -> dict[int, float]:
        """Nor these."""
        if self._taken_at is None or not self._database.writable:
            self._taken_at = queries.taken_at(self._database)
        return self._taken_at
