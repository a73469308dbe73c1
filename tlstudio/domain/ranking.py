"""What a ranking found: how well each network's features tell these classes apart, and which network is advised."""

import msgspec

from tlstudio.domain.events import NetworkPassed
from tlstudio.domain.report import Estimate
from tlstudio.messages import Message


class RankedNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """One set of weights, judged fold by fold with a linear head on its features."""

    weights: str
    """Hash of the set."""
    architecture: str
    name: str
    fit: Estimate
    """Balanced accuracy: the mean over the folds."""
    accuracy: Estimate
    images_per_second: float
    num_images: int
    num_cached: int
    """Features that were there before."""
    is_as_good: bool
    """Whether these images cannot tell it from the best, and it is little below."""
    is_told_apart: bool = True
    """Whether these images can tell it from the best at all."""


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """All networks that were judged by the same folds, the best first."""

    networks: tuple[RankedNetwork, ...]
    """At least one."""
    passed: tuple[NetworkPassed, ...] = ()
    num_units: int
    num_folds: int
    num_classes: int
    advised: str | None
    """Hash of the weights to take; None where no network tells the classes apart."""
    advice: Message

    @property
    def by_weights(self) -> dict[str, RankedNetwork]:
        """By the hash of the set."""
        return {item.weights: item for item in self.networks}

    def of(self, weights: str) -> RankedNetwork | None:
        """What was found of one set."""
        return self.by_weights.get(weights)


def fit_words(fit: Estimate) -> str:
    """ ".93 ± .02"."""
    return f"{share_words(fit.value)} ± {share_words((fit.high - fit.low) / 2)}"


def share_words(share: float) -> str:
    """0.934 as ".93"; 1 as "1.00"."""
    return f"{share:.2f}".removeprefix("0")
