"""The state of the Models panel: which rows are shown, in which order, and which one is looked at. Filtering takes milliseconds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.rows import ZooRow, search_words
from tlstudio.zoo.licences import Use

FAST_MACS = 1_000_000_000
ACCURATE_TOP1 = 84.0


@dataclass(frozen=True)
class FilterSpec:
    """A row of FILTERS: one pill."""

    id: str
    title: Callable[[], str]
    sentence: Callable[[], str]
    keeps: Callable[[ZooRow], bool]


FILTERS: dict[str, FilterSpec] = {
    spec.id: spec
    for spec in (
        FilterSpec("ready", lambda: tr("Ready offline"), lambda: tr("Weights that are on this computer."), lambda row: row.is_ready),
        FilterSpec(
            "all", lambda: tr("All"), lambda: tr("Everything timm offers; weights that are not here can be imported."), lambda row: True
        ),
        FilterSpec(
            "fast",
            lambda: tr("Fast"),
            lambda: tr("At most 1 G multiply-accumulates an image: fine-tuning is bearable without a graphics card."),
            lambda row: row.has_weights and 0 < row.network.macs <= FAST_MACS,
        ),
        FilterSpec(
            "accurate",
            lambda: tr("Accurate"),
            lambda: tr("Published ImageNet top-1 of {top1} % or more.", top1=f"{ACCURATE_TOP1:.0f}"),
            lambda row: row.top1 is not None and row.top1 >= ACCURATE_TOP1,
        ),
        FilterSpec(
            "commercial",
            lambda: tr("Licence: commercial use"),
            lambda: tr("The licence of the weights allows commercial use without conditions beyond the notice."),
            lambda row: row.has_weights and row.use is Use.COMMERCIAL,
        ),
    )
}

Key = Callable[[ZooRow], float | str | None]
SORTS: dict[str, Key] = {
    "name": lambda row: row.title.casefold(),
    "top1": lambda row: row.top1,
    "params": lambda row: row.network.num_parameters,
    "macs": lambda row: row.network.macs or None,
    "input": lambda row: row.input_px,
    "licence": lambda row: row.licence.casefold() or None,
    "weights": lambda row: row.rank,
}


class ZooModel:
    """Plain state; `shown` is what the table has."""

    def __init__(self) -> None:
        self.rows: list[ZooRow] = []
        self.shown: list[ZooRow] = []
        self.filter = "ready"
        self.family = ""
        self.text = ""
        self.sort_by: tuple[str, bool] = ("weights", False)
        """A row of SORTS, and whether it falls."""
        self.selected = ""
        """Key of a row."""
        self.chosen: NetworkPart | None = None
        """What trainings start from."""

    def show_rows(self, rows: Iterable[ZooRow]) -> None:
        """The catalogue or the library was read again."""
        self.rows = sorted(rows, key=lambda row: (row.title.casefold(), row.tag))
        self._apply()

    def search(self, text: str) -> None:
        """Only rows with each of these words. Looks through everything where the pill in force holds none of them."""
        self.text = text
        self._apply()
        if text.strip() and not self.shown and self.filter != "all":
            self.filter = "all"
            self._apply()

    def choose_filter(self, id: str) -> None:
        """Another pill."""
        self.filter = id
        self._apply()

    def choose_family(self, family: str) -> None:
        """Only this family; empty is all."""
        self.family = family
        self._apply()

    def sort(self, by: str, *, falling: bool) -> None:
        """Another order; rows without a value stay at the end either way."""
        self.sort_by = (by, falling)
        self._apply()

    def select(self, key: str) -> None:
        """Look at this row."""
        self.selected = key

    def _apply(self) -> None:
        keeps, words = FILTERS[self.filter].keeps, search_words(self.text)
        kept = [row for row in self.rows if keeps(row) and (not self.family or row.network.family == self.family) and row.matches(words)]
        by, falling = self.sort_by
        key = SORTS[by]
        with_value = [row for row in kept if key(row) is not None]
        with_value.sort(key=key, reverse=falling)  # type: ignore[arg-type]
        self.shown = with_value + [row for row in kept if key(row) is None]
        if self.shown and all(row.key != self.selected for row in self.shown):
            self.selected = next((row.key for row in self.shown if self.is_in_use(row)), self.shown[0].key)

    @property
    def row(self) -> ZooRow | None:
        """The row that is looked at; one of those shown, unless none is."""
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
