"""Which network to take: a paired comparison on the same folds, and a sentence that says no more than they can tell.

Two networks are compared fold by fold, by the corrected t interval of the difference (Nadeau and Bengio 2003, see
`evaluation.cross_validation`). One that is as good within that interval, and little below, is advised where it is clearly faster.
"""

from collections.abc import Sequence

from tlstudio.domain.events import NetworkPassed, NetworkRanked
from tlstudio.domain.ranking import RankedNetwork, Ranking, fit_words
from tlstudio.evaluation.cross_validation import interval, paired_difference
from tlstudio.messages import Message, message

MORE_ERRORS, LEAST_BELOW, MOST_BELOW = 0.3, 0.005, 0.02
"""A few images cannot tell good from bad: however wide the interval is, only one that errs at most that much more often than the best is as
good. Half a point is never too much, two points always are."""
CLEARLY_FASTER = 1.5


def build(found: Sequence[NetworkRanked], *, num_units: int, num_classes: int, passed: Sequence[NetworkPassed] = ()) -> Ranking | None:
    """The ranking of what was `found` by the same three or more folds; None where that is nothing."""
    if not found:
        return None
    ordered = sorted(found, key=lambda item: (-_mean(item), -item.images_per_second, item.weights))
    networks = tuple(_judged(item, ordered[0], num_units) for item in ordered)
    advised, advice = advise(networks, num_classes=num_classes)
    return Ranking(
        networks=networks,
        passed=tuple(passed),
        num_units=num_units,
        num_folds=len(ordered[0].balanced),
        num_classes=num_classes,
        advised=advised,
        advice=advice,
    )


def advise(networks: Sequence[RankedNetwork], *, num_classes: int) -> tuple[str | None, Message]:
    """Which of `networks` (the best first) to take, and why."""
    best, others = networks[0], networks[1:]
    if best.fit.low <= 1 / num_classes:
        text = (
            "No network here tells your classes apart yet (best: {name}, {fit}; guessing gives {guess}). Look at the labels, or add images."
        )
        return None, message("rank.advice.none", text, name=best.name, fit=fit_words(best.fit), guess=f"{1 / num_classes:.2f}".lstrip("0"))
    as_good = [item for item in others if item.is_as_good]
    chosen = max([best, *as_good], key=lambda item: item.images_per_second)
    if chosen.images_per_second >= CLEARLY_FASTER * best.images_per_second:
        return chosen.weights, _faster(best, chosen)
    return best.weights, _best(best, others, as_good)


def _faster(best: RankedNetwork, chosen: RankedNetwork) -> Message:
    text = (
        "{best} is best on your images ({fit}) and {name} is as good within what {num} images can tell, "
        "at {times} times the speed: take {name}."
    )
    times = chosen.images_per_second / best.images_per_second
    return message(
        "rank.advice.faster",
        text,
        best=best.name,
        fit=fit_words(best.fit),
        name=chosen.name,
        num=f"{best.num_images:,}",
        times=f"{times:.0f}" if times >= 9.5 else f"{times:.1f}",
    )


def _best(best: RankedNetwork, others: Sequence[RankedNetwork], as_good: Sequence[RankedNetwork]) -> Message:
    name, fit = best.name, fit_words(best.fit)
    if not others:
        return message("rank.advice.only", "{name} is the only network that was ranked: {fit} on your images.", name=name, fit=fit)
    rival = next((item for item in others if not item.is_told_apart), None)
    if not as_good and rival is not None:
        text = "{name} is probably best on your images ({fit}), but {num} images cannot tell it from {other} for certain: take {name}."
        return message("rank.advice.probable", text, name=name, fit=fit, num=f"{best.num_images:,}", other=rival.name)
    if not as_good:
        return message("rank.advice.best", "{name} is best on your images ({fit}): take it.", name=name, fit=fit)
    num = f"{best.num_images:,}"
    if len(as_good) == 1:
        text = (
            "{name} is best on your images ({fit}); {other} is as good within what {num} images can tell, "
            "but not clearly faster: take {name}."
        )
        return message("rank.advice.one_equal", text, name=name, fit=fit, num=num, other=as_good[0].name)
    text = (
        "{name} is best on your images ({fit}); {others} others are as good within what {num} images can tell, "
        "none clearly faster: take {name}."
    )
    return message("rank.advice.equals", text, name=name, fit=fit, num=num, others=len(as_good))


def at_most_below(best: float) -> float:
    """How far below `best` (0..1) a figure may be to be as good."""
    return min(MOST_BELOW, max(LEAST_BELOW, MORE_ERRORS * (1 - best)))


def _judged(item: NetworkRanked, best: NetworkRanked, num_units: int) -> RankedNetwork:
    behind = paired_difference(best.balanced, item.balanced, num_units=num_units)
    return RankedNetwork(
        weights=item.weights,
        architecture=item.architecture,
        name=item.name,
        fit=interval(item.balanced, num_units=num_units),
        accuracy=interval(item.plain, num_units=num_units),
        images_per_second=item.images_per_second,
        num_images=item.num_images,
        num_cached=item.num_cached,
        is_as_good=behind.low <= 0 and behind.value <= at_most_below(_mean(best)),
        is_told_apart=behind.low > 0,
    )


def _mean(item: NetworkRanked) -> float:
    return sum(item.balanced) / len(item.balanced)
