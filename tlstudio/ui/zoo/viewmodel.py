"""The state of the Models panel: which rows are shown, in which order, and which one is looked at. Filtering takes milliseconds."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tlstudio.domain.ranking import Ranking
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.filters import CONDITIONS, FILTERS, SIZES
from tlstudio.ui.zoo.outlook import Outlook
from tlstudio.ui.zoo.rows import Place, ZooRow, search_words

Key = Callable[[ZooRow], float | str | None]
SORTS: dict[str, Key] = {
    "name": lambda row: row.title.casefold(),
    "fit": lambda row: row.fit,
    "top1": lambda row: row.top1,
    "params": lambda row: row.network.num_parameters,
    "input": lambda row: row.input_px,
    "speed": lambda row: row.outlook.images_per_s if row.outlook else None,
    "time": lambda row: row.outlook.run_s if row.outlook else None,
    "licence": lambda row: row.licence.casefold() or None,
    "weights": lambda row: row.rank,
}


@dataclass(frozen=True)
class Relaxation:
    """Something that is asked for, and how many rows there would be without it."""

    words: str
    num_without: int


@dataclass(frozen=True)
class Wanted:
    """Something that is asked for, in words, and which rows it keeps."""

    words: str
    keeps: Callable[[ZooRow], bool]


class ZooModel:
    """Plain state; `shown` is what the table has."""

    def __init__(self) -> None:
        self.rows: list[ZooRow] = []
        self.shown: list[ZooRow] = []
        self.counts: Counter[str] = Counter()
        """Rows of each view with everything else that is asked for."""
        self.num_networks: Counter[str] = Counter()
        """Architectures among these."""
        self.filter = "ready"
        self.conditions: frozenset[str] = frozenset()
        self.family = ""
        self.size = "any"
        self.text = ""
        self.sort_by: tuple[str, bool] = ("weights", False)
        """A row of SORTS, and whether it falls."""
        self.selected = ""
        """Key of a row."""
        self.chosen: NetworkPart | None = None
        """What trainings start from."""
        self._outlooks: Mapping[Place, Outlook] = {}
        self.ranking: Ranking | None = None

    # --- what is known

    def show_rows(self, rows: Iterable[ZooRow]) -> None:
        """The catalogue or the library was read again."""
        self.rows = sorted(rows, key=lambda row: (row.title.casefold(), row.tag))
        self._know()

    def show_outlooks(self, outlooks: Mapping[Place, Outlook]) -> None:
        """What every network would take here, worked out anew."""
        self._outlooks = outlooks
        self._know()

    def show_ranking(self, ranking: Ranking | None) -> None:
        """How well networks fit the project's data, as far as that is known."""
        self.ranking = ranking
        self._know()

    def _know(self) -> None:
        outlooks, ranked = self._outlooks, self.ranking.by_weights if self.ranking is not None else {}
        self.rows = [replace(row, outlook=outlooks.get(row.place), ranked=ranked.get(row.key)) for row in self.rows]
        self._apply()

    # --- what is asked for

    def search(self, text: str) -> None:
        """Only rows with each of these words. Looks through everything where the view in force holds none of them."""
        self.text = text
        self._apply()
        if text.strip() and not self.shown and self.filter != "all" and self.counts["all"]:
            self.choose_filter("all")

    def choose_filter(self, id: str) -> None:
        """Another view: a row of FILTERS."""
        self.filter = id
        self._apply()

    def set_condition(self, id: str, *, is_wanted: bool) -> None:
        """A row of CONDITIONS is asked for, or no longer."""
        self.conditions = self.conditions | {id} if is_wanted else self.conditions - {id}
        self._apply()

    def choose_family(self, family: str) -> None:
        """Only this family; empty is all."""
        self.family = family
        self._apply()

    def choose_size(self, id: str) -> None:
        """Only networks as small as that: a row of SIZES."""
        self.size = id
        self._apply()

    def clear(self, *, filter: str = "all") -> None:
        """Ask for nothing but a view."""
        self.filter, self.conditions, self.family, self.size, self.text = filter, frozenset(), "", "any", ""
        self._apply()

    def sort(self, by: str, *, falling: bool) -> None:
        """Another order; rows without a value stay at the end either way."""
        self.sort_by = (by, falling)
        self._apply()

    def select(self, key: str) -> None:
        """Look at this row."""
        self.selected = key

    # --- what is shown

    def _apply(self) -> None:
        wanted = self.wanted()
        candidates = [row for row in self.rows if all(asked.keeps(row) for asked in wanted.values())]
        by_view = {id: [row for row in candidates if spec.keeps(row)] for id, spec in FILTERS.items()}
        self.counts = Counter({id: len(rows) for id, rows in by_view.items()})
        self.num_networks = Counter({id: len({row.network.name for row in rows}) for id, rows in by_view.items()})
        kept = by_view[self.filter]
        by, falling = self.sort_by
        key = SORTS[by]
        with_value = [row for row in kept if key(row) is not None]
        with_value.sort(key=key, reverse=falling)  # type: ignore[arg-type]
        self.shown = with_value + [row for row in kept if key(row) is None]
        if self.shown and all(row.key != self.selected for row in self.shown):
            self.selected = next((row.key for row in self.shown if self.is_in_use(row)), self.shown[0].key)

    def wanted(self) -> dict[str, Wanted]:
        """What is asked for besides the view; by ids, since words of a search may be those of a family."""
        wanted = {f"condition {id}": Wanted(CONDITIONS[id].title(), CONDITIONS[id].keeps) for id in CONDITIONS if id in self.conditions}
        family, most, words = self.family, SIZES[self.size].max_parameters, search_words(self.text)
        if family:
            wanted["family"] = Wanted(family, lambda row: row.network.family == family)
        if most is not None:
            wanted["size"] = Wanted(SIZES[self.size].title(), lambda row: row.network.num_parameters <= most)
        if words:
            wanted["search"] = Wanted(tr("“{text}”", text=self.text.strip()), lambda row: row.matches(words))
        return wanted

    @property
    def row(self) -> ZooRow | None:
        """The row that is looked at or used, also where the table does not show it."""
        return next((row for row in self.rows if row.key == self.selected), None) if self.selected else None

    @property
    def in_use(self) -> frozenset[str]:
        """Keys of the rows that trainings start from; several sets that are not here may stand for one random network."""
        return frozenset(row.key for row in self.rows if self.is_in_use(row))

    @property
    def num_ready(self) -> int:
        """Sets of weights on this computer."""
        return sum(row.is_ready for row in self.rows)

    @property
    def families(self) -> list[str]:
        """All families, in the order of the alphabet."""
        return sorted({row.network.family for row in self.rows}, key=str.casefold)

    def is_in_use(self, row: ZooRow) -> bool:
        """Whether trainings start from this row."""
        chosen = self.chosen
        return chosen is not None and row.network.name == chosen.architecture and (row.card.hash if row.card else None) == chosen.weights


def relaxations(model: ZooModel) -> list[Relaxation]:
    """What is asked for, the condition first without which there would be most."""
    wanted = model.wanted()
    if model.filter != "all":
        view = FILTERS[model.filter]
        wanted["view"] = Wanted(view.title(), view.keeps)
    found = [
        Relaxation(asked.words, sum(all(other.keeps(row) for id, other in wanted.items() if id != left) for row in model.rows))
        for left, asked in wanted.items()
    ]
    return sorted(found, key=lambda item: -item.num_without)
