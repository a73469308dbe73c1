"""The folds that a project's samples were dealt to last, so that the same images judge each other when more have come."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from tlstudio.domain.folds import FoldPlan
from tlstudio.project import queries
from tlstudio.project.database import Database

_KEY = "folds"


class Folds:
    """Those of one plan: another plan's take their place. Thread-safe by the project's own doors."""

    def __init__(
        self, database: Database, *, reading: AbstractContextManager[object], writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._database = database
        self._reading = reading
        self._writing = writing

    def of(self, plan: FoldPlan) -> dict[int, int]:
        """The fold of each sample that was dealt by this very plan."""
        with self._reading:
            if queries.setting(self._database, _KEY, FoldPlan) != plan:
                return {}
            return dict(self._database.rows("SELECT sample, fold FROM folds"))

    def keep(self, plan: FoldPlan, fold_by_sample: Mapping[int, int]) -> None:
        """These and no others from now on."""
        with self._writing():
            self._database.run("DELETE FROM folds")
            self._database.run_many("INSERT INTO folds (sample, fold) VALUES (?, ?)", fold_by_sample.items())
            queries.put_setting(self._database, _KEY, plan)
