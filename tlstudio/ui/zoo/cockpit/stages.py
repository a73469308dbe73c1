"""What the drawing shows of each stage, worked out from the network's profile and the recipe."""

from dataclasses import dataclass
from math import isqrt, log2
from typing import Literal

from tlstudio.domain.estimates import SetSize, head_parameters, kept_views
from tlstudio.domain.machine import NetworkProfile, StageCost
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.stage_rates import rates_of_stages
from tlstudio.ui.words import number, tr, tr_n

State = Literal["cached", "frozen", "trains", "adapters", "new"]
"""cached: runs once and is kept; frozen: runs every epoch as it is."""

_LOWEST, _HEAD_HEIGHT = 0.46, 0.34
_BYTES_KEPT, _BYTES_TRAINED = 4, 24
"""Of a number in fp32; where it trains with its gradient, two moments, the running average and a copy to save."""


@dataclass(frozen=True, kw_only=True)
class StageBox:
    """One box. `short` and `map_short` are for a box without room for more; `height` is a share of the highest one's."""

    name: str
    short: str
    map: str = ""
    map_short: str = ""
    height: float
    state: State
    num_parameters: int
    rate: float | None = None
    time_share: float | None = None
    """Of an epoch, or of the one pass where only a head is solved; None for what runs once before the epochs."""
    memory_bytes: int | None = None


def is_of_tokens(profile: NetworkProfile) -> bool:
    """Whether most of its stages hand on tokens rather than maps: a transformer's blocks."""
    return 2 * sum(len(stage.output_shape) == 2 for stage in profile.stages) > len(profile.stages)


def stage_name(place: int, *, of_tokens: bool, count: int) -> str:
    """What the stage at a place is called."""
    if count == 1:
        return tr("network")
    if place == 0:
        return tr("stem")
    return tr("block {n}", n=place) if of_tokens else tr("stage {n}", n=place)


def batch_of(profile: NetworkProfile, recipe: Recipe) -> int:
    """Images that are computed at once: what the recipe asks for, as far as was found to be good here."""
    part = recipe.finetune
    if part is None:
        return profile.inference.batch_size
    return min(part.batch_size, part.micro_batch or profile.images_at_once(part.batch_size))


def boxes_of(profile: NetworkProfile, recipe: Recipe, sizes: SetSize | None) -> tuple[StageBox, ...]:
    """All stages from the input to the head."""
    count, part = len(profile.stages), recipe.finetune
    num_open = min(part.num_stages, count) if part else 0
    frozen = profile.stages[: count - num_open]
    is_cached = part is None or kept_views(recipe, frozen) > 0
    rates = rates_of_stages(part, num_open) if part else ()
    times = _times(profile, num_open, is_cached=is_cached and part is not None)
    batch = batch_of(profile, recipe)
    of_tokens = is_of_tokens(profile)
    boxes = []
    for place, (stage, height) in enumerate(zip(profile.stages, _heights(profile), strict=True)):
        from_head = count - 1 - place
        trains = from_head < num_open
        map, map_short = _map(stage, is_stem=place == 0)
        boxes.append(
            StageBox(
                name=stage_name(place, of_tokens=of_tokens, count=count),
                short=str(place) if place else "",
                map=map,
                map_short=map_short,
                height=height,
                state=("adapters" if part and part.lora else "trains") if trains else "cached" if is_cached else "frozen",
                num_parameters=stage.num_parameters,
                rate=rates[from_head] if trains else None,
                time_share=times[place],
                memory_bytes=_memory(stage, recipe, batch if trains else 0),
            )
        )
    return (*boxes, _head(profile, recipe, sizes))


def _head(profile: NetworkProfile, recipe: Recipe, sizes: SetSize | None) -> StageBox:
    num_classes = sizes.num_classes if sizes else 0
    words = tr_n("{n} class", "{n} classes", count=num_classes) if num_classes else ""
    num_parameters = head_parameters(recipe.head, profile.num_features, num_classes) if num_classes else 0
    return StageBox(
        name=tr("head"),
        short=tr("head"),
        map=words,
        map_short=number(num_classes) if num_classes else "",
        height=_HEAD_HEIGHT,
        state="new",
        num_parameters=num_parameters,
        rate=recipe.finetune.learning_rate if recipe.finetune else None,
        memory_bytes=(_BYTES_TRAINED if recipe.finetune else _BYTES_KEPT) * num_parameters if num_classes else None,
    )


def _times(profile: NetworkProfile, num_open: int, *, is_cached: bool) -> list[float | None]:
    """Shares of the time an epoch takes; of the one pass through the network where nothing of it trains."""
    count = len(profile.stages)
    first_open = count - num_open
    seconds = [
        (0.0 if is_cached else stage.forward_s) if place < first_open else stage.train_forward_s + stage.backward_s
        for place, stage in enumerate(profile.stages)
    ]
    total = sum(seconds)
    return [None if (is_cached and place < first_open) or not total else value / total for place, value in enumerate(seconds)]


def _memory(stage: StageCost, recipe: Recipe, batch: int) -> int:
    """Bytes of its numbers and of what a step keeps; `batch` is 0 where it stays as it is."""
    is_trained = batch > 0 and not (recipe.finetune and recipe.finetune.lora)
    return (_BYTES_TRAINED if is_trained else _BYTES_KEPT) * stage.num_parameters + batch * stage.kept_bytes


def _map(stage: StageCost, *, is_stem: bool) -> tuple[str, str]:
    """The size of what a stage hands on, in words and shorter."""
    shape = stage.output_shape
    if len(shape) == 2 and is_stem:
        # Patches lie in a square; measured they still do, in the catalogue they are tokens already, with that of the class.
        shape = (shape[1], isqrt(shape[0]), isqrt(shape[0]))
    if len(shape) == 2:
        return tr_n("{n} token", "{n} tokens", count=shape[0]), number(shape[0])
    if len(shape) != 3:
        return "", ""
    words = f"{shape[1]}²" if shape[1] == shape[2] else f"{shape[1]} × {shape[2]}"
    return words, words


def _heights(profile: NetworkProfile) -> list[float]:
    """By the logarithm of the map's side, so that each halving is a step; equal where sizes are not known."""
    sides = [_side(stage) for stage in profile.stages]
    if None in sides:
        return [0.8] * len(sides)
    steps = [log2(max(1.0, side or 1.0)) for side in sides]
    span = max(5.0, max(steps) - min(steps))
    return [1.0 - (1.0 - _LOWEST) * (max(steps) - step) / span for step in steps]


def _side(stage: StageCost) -> float | None:
    shape = stage.output_shape
    if len(shape) == 2:
        return float(shape[0]) ** 0.5
    return float(max(shape[1:])) if len(shape) == 3 else None
