"""The five figures below the network, the sentence on where they come from, and the warning, from an estimate."""

from dataclasses import dataclass

from tlstudio.domain.estimates import RunEstimate, kept_views, work_s
from tlstudio.domain.machine import NetworkProfile
from tlstudio.domain.memory import gigabytes
from tlstudio.domain.recipe import Recipe
from tlstudio.ui.words import brief_duration, duration, size, tr, tr_n
from tlstudio.ui.zoo.cockpit.stages import batch_of
from tlstudio.ui.zoo.rows import NONE, millions

_WIDEST = 4.0
"""A span that is wider, the longest over the shortest, helps nobody."""


@dataclass(frozen=True)
class FigureText:
    """One figure and what qualifies it."""

    value: str
    sub: str
    is_bad: bool = False


@dataclass(frozen=True)
class Figures:
    """All five, as the cards show them."""

    epoch: FigureText
    memory: FigureText
    trainable: FigureText
    cache: FigureText
    whole: FigureText


def unknown_figures(reason: str) -> Figures:
    """No figures, and why."""
    return Figures(*[FigureText(NONE, reason) for _place in range(5)])


def figures_of(estimate: RunEstimate, recipe: Recipe, profile: NetworkProfile) -> Figures:
    """The estimate in words."""
    return Figures(
        epoch=_epoch(estimate, recipe, profile),
        memory=_memory(estimate, recipe, profile),
        trainable=FigureText(millions(estimate.num_trainable), tr("of {n} parameters", n=millions(estimate.num_parameters))),
        cache=FigureText(size(estimate.cache_bytes), _cache_words(recipe, profile)),
        whole=FigureText(tr("about {time}", time=duration(work_s(estimate))), _span(estimate)),
    )


def warning_of(estimate: RunEstimate) -> str:
    """What a person should know before starting; empty where nothing stands in the way."""
    here = memory_words(estimate.available_bytes)
    if not estimate.can_start:
        return tr(
            "Needs {need} to be loaded at all, this computer has {here} free: close other programs, or take a smaller network.",
            need=memory_words(estimate.least_bytes),
            here=here,
        )
    if not estimate.fits:
        return tr(
            "Needs {need}, this computer has {here} free: freeze more stages, or take a smaller batch or a smaller network.",
            need=memory_words(estimate.memory_bytes),
            here=here,
        )
    return ""


def source_of(estimate: RunEstimate) -> str:
    """Where the figures come from."""
    if estimate.is_measured:
        return tr("Measured with this network on this computer.")
    return tr("Worked out from this computer's rates; this network was not measured here yet.")


def memory_words(num_bytes: int) -> str:
    """Working memory, as devices name theirs: "1.9 GB", "24 GB"."""
    return tr("{n} GB", n=gigabytes(num_bytes))


def _span(estimate: RunEstimate) -> str:
    """Where a run is expected to end; nothing where that could be anything."""
    if not estimate.is_measured and estimate.high_s > _WIDEST * estimate.low_s:
        return tr("not measured yet")
    return tr("{low} to {high}", low=duration(estimate.low_s), high=duration(estimate.high_s))


def _epoch(estimate: RunEstimate, recipe: Recipe, profile: NetworkProfile) -> FigureText:
    once = brief_duration(estimate.first_pass_s)
    if recipe.finetune is None:
        return FigureText(tr("none"), tr("one pass of {time}", time=once))
    if _num_views(recipe, profile):
        return FigureText(brief_duration(estimate.epoch_s), tr("first pass {time}, then cached", time=once))
    return FigureText(brief_duration(estimate.epoch_s), tr("after a first pass of {time}", time=once))


def _memory(estimate: RunEstimate, recipe: Recipe, profile: NetworkProfile) -> FigureText:
    words = tr("of {all}, batch {batch}", all=memory_words(estimate.available_bytes), batch=batch_of(profile, recipe))
    return FigureText(memory_words(estimate.memory_bytes), words, is_bad=not estimate.fits)


def _cache_words(recipe: Recipe, profile: NetworkProfile) -> str:
    if recipe.finetune is None:
        return tr("features of each image")
    num_views = _num_views(recipe, profile)
    return tr_n("{n} view of each image", "{n} views of each image", count=num_views) if num_views else tr("pixels and features")


def _num_views(recipe: Recipe, profile: NetworkProfile) -> int:
    num_open = recipe.finetune.num_stages if recipe.finetune else 0
    return kept_views(recipe, profile.stages[: max(0, len(profile.stages) - num_open)])
