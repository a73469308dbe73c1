"""The catalogue and the weights library as rows of one table: a row a set of weights, or an architecture that has none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tlstudio.domain.networks import NetworkSpec, PretrainedSpec, WeightsCard
from tlstudio.domain.ranking import RankedNetwork
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.zoo.outlook import Outlook
from tlstudio.zoo.catalogue import Catalogue
from tlstudio.zoo.licences import Use, use_of

_SEPARATORS = re.compile(r"[^a-z0-9]+")
NONE = "–"

Place = tuple[str, int]
"""Name of an architecture and input size in pixels: what an outlook depends on."""


@dataclass(frozen=True, kw_only=True)
class ZooRow:
    """One row. `card` is there where the weights are on this computer, `published` where timm names them."""

    network: NetworkSpec
    published: PretrainedSpec | None = None
    card: WeightsCard | None = None
    ranked: RankedNetwork | None = None
    """What a ranking found of its weights; None where they were not ranked."""
    outlook: Outlook | None = None
    """What it would take here; None until that is worked out."""

    @property
    def fit(self) -> float | None:
        """How well a head on its features tells this project's classes apart, 0..1."""
        return self.ranked.fit.value if self.ranked is not None else None

    @property
    def key(self) -> str:
        """What the row is found by again after the table was made anew."""
        return self.card.hash if self.card is not None else f"{self.network.name}.{self.tag}"

    @property
    def tag(self) -> str:
        """The published set, such as "a1_in1k"; empty where it is not known."""
        return self.published.tag if self.published is not None else ""

    @property
    def title(self) -> str:
        """What people call it."""
        if self.card is not None:
            return self.card.name
        return self.network.name

    @property
    def library(self) -> str:
        """Where the network is from, such as "torchvision"; empty for timm's."""
        return self.network.name.rpartition("/")[0]

    @property
    def short_title(self) -> str:
        """The title without the library, which stands beside it."""
        return self.title.removeprefix(f"{self.library}/") if self.library else self.title

    @property
    def top1(self) -> float | None:
        """Published ImageNet-1k top-1, in percent."""
        return self.published.top1 if self.published is not None else None

    @property
    def input_px(self) -> int:
        """The side of the square its weights were trained for."""
        if self.card is not None:
            return self.card.preprocessing.input_size_px
        return self.published.preprocessing.input_size_px if self.published is not None else self.network.input_size_px

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one image of `input_px`: in proportion to its pixels; 0 where they are not known."""
        return round(self.network.macs * (self.input_px / self.network.input_size_px) ** 2)

    @property
    def licence(self) -> str:
        """Of the weights; empty where it is not known."""
        if self.card is not None:
            return self.card.licence
        return self.published.licence if self.published is not None else ""

    @property
    def use(self) -> Use:
        """What that licence allows."""
        return use_of(self.licence)

    @property
    def is_ready(self) -> bool:
        """Whether the weights are on this computer."""
        return self.card is not None

    @property
    def has_weights(self) -> bool:
        """Whether there are weights for it anywhere."""
        return self.card is not None or self.published is not None

    @property
    def rank(self) -> int:
        """Order of the last column: bundled, installed, published, none."""
        if self.card is not None:
            return 0 if self.card.bundled else 1
        return 2 if self.published is not None else 3

    @property
    def part(self) -> NetworkPart:
        """What a training would start from."""
        return NetworkPart(architecture=self.network.name, weights=self.card.hash if self.card is not None else None)

    @cached_property
    def _haystack(self) -> str:
        names = (self.title, self.network.name, self.network.family, self.tag)
        spaced = _SEPARATORS.sub(" ", " ".join(names).casefold())
        return f"{spaced}|{spaced.replace(' ', '')}"

    @property
    def place(self) -> Place:
        """What its outlook is found by."""
        return self.network.name, self.input_px

    @property
    def hub_name(self) -> str:
        """What timm calls the published set: "resnet18.a1_in1k"."""
        return f"{self.network.name}.{self.tag}" if self.tag else self.network.name

    def matches(self, words: Iterable[str]) -> bool:
        """Whether each word occurs in a name, the family or the tag."""
        return all(word in self._haystack for word in words)


def search_words(text: str) -> list[str]:
    """The words of a search: "ViT-Tiny" is two."""
    return _SEPARATORS.sub(" ", text.casefold()).split()


def build_rows(catalogue: Catalogue, cards: Iterable[WeightsCard]) -> list[ZooRow]:
    """All rows. A card takes the place of the published set that it is, or has a row of its own."""
    here: dict[tuple[str, str], list[WeightsCard]] = {}
    for card in cards:
        here.setdefault((card.architecture, card.tag), []).append(card)
    rows: list[ZooRow] = []
    for network in catalogue.networks:
        for published in network.pretrained:
            held = here.pop((network.name, published.tag), [])
            rows += [ZooRow(network=network, published=published, card=card) for card in held or (None,)]
        if not network.pretrained:
            rows.append(ZooRow(network=network))
    for (architecture, _tag), held in here.items():
        network = catalogue.by_name.get(architecture)
        rows += [ZooRow(network=network, card=card) for card in held if network is not None]
    return rows


def millions(count: int) -> str:
    """Parameters as "3.8 M"."""
    if count < 100_000:
        return f"{count / 1e3:.1f} k"
    return f"{count / 1e9:.2f} B" if count >= 1e9 else f"{count / 1e6:.1f} M"


def gigas(count: int) -> str:
    """Multiply-accumulates as "0.19 G"."""
    if not count:
        return NONE
    value = count / 1e9
    return f"{value:.2f} G" if value < 10 else f"{value:,.0f} G"
