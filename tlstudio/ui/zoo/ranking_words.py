"""The ranking in words: the tooltip of a figure, the line below the advice, and what the strip says on the way."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlstudio.domain.events import NetworkPassed
from tlstudio.domain.ranking import fit_words
from tlstudio.domain.run_state import RunState
from tlstudio.jobs import outcome
from tlstudio.ui.words import duration, number, say, tr, tr_n
from tlstudio.ui.zoo.outlook import speed_words

if TYPE_CHECKING:
    from tlstudio.operations.ranking import Ranked
    from tlstudio.ui.zoo.rows import ZooRow

_MOST_NAMED = 2


def fit_tip(row: "ZooRow") -> str:
    """What the figure is, with its interval."""
    if row.ranked is None:
        return tr("Not ranked. Rank for my data judges the weights on this computer by your images; nothing is trained.")
    words = tr(
        "Balanced accuracy of a linear head on its features of your images: {fit} ({images} images judged fold by fold).",
        fit=fit_words(row.ranked.fit),
        images=number(row.ranked.num_images),
    )
    return words if row.outlook is None else f"{words} " + tr("{speed} images a second here.", speed=speed_words(row.outlook))


def about(ranked: "Ranked") -> str:
    """What stands below the advice: whether it still holds, or what it is made of, and who was left out."""
    first = stale(ranked.num_changed) if ranked.num_changed else used(ranked.report.networks[0].num_images)
    told = [left(ranked), first] if ranked.was_stopped else [first, left(ranked)]
    return " ".join(part for part in (*told, passed_over(ranked.report.passed)) if part)


def left(ranked: "Ranked") -> str:
    """What an advice leaves out; empty where nothing is."""
    if not ranked.num_left:
        return ""
    if ranked.was_stopped:
        one = "The ranking was stopped: 1 set of weights here is not ranked."
        return tr_n(one, "The ranking was stopped: {n} sets of weights here are not ranked.", ranked.num_left)
    return tr_n("1 set of weights here is not ranked yet.", "{n} sets of weights here are not ranked yet.", ranked.num_left)


def passed_over(passed: Sequence[NetworkPassed]) -> str:
    """Who could not be ranked, and why."""
    parts = [tr("{name} was passed over. {why}", name=item.name, why=say(item.reason)) for item in passed[:_MOST_NAMED]]
    more = len(passed) - _MOST_NAMED
    if more > 0:
        parts.append(tr_n("1 more was passed over.", "{n} more were passed over.", more))
    return " ".join(parts)


def used(num_images: int) -> str:
    """What it cost: nothing that trains."""
    return tr("Ranking used {images} cached feature vectors per model; nothing was trained.", images=number(num_images))


def stale(num_changed: int) -> str:
    """Why it should be asked for again."""
    return tr_n("1 image changed since: rank again, a few seconds.", "{n} images changed since: rank again, a few seconds.", num_changed)


def on_the_way(state: RunState) -> str:
    """Where it stands, and the time left."""
    words = say(outcome.words(state))
    left = state.looked.seconds_left if state.looked is not None else None
    return words if left is None else f"{words} · " + tr("about {time} left", time=duration(left))
