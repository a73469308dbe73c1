"""What of the transfer a network allows, and what of a recipe is therefore refused before it starts, with the reason."""

from collections.abc import Sequence

import msgspec

from tlstudio.domain.head_settings import POOLINGS
from tlstudio.domain.recipe import Pooling, Recipe
from tlstudio.errors import TLStudioError
from tlstudio.messages import message


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """Of one architecture, by the catalogue."""

    poolings: tuple[Pooling, ...]
    """Ways to make one vector of what the network hands on, by what is known of its family; the engine tries any other, too."""
    num_stages: int = 0
    """Stages that can train, the stem among them; 0 where they are not known."""
    stage_adapters: tuple[int, ...] = ()
    """Layers of each stage that a low-rank adapter can be given to, as `NetworkSpec.stage_adapters`."""

    @property
    def has_attention(self) -> bool:
        """Whether low-rank adapters have a place anywhere in it."""
        return any(self.stage_adapters)


def without_place(abilities: Abilities) -> frozenset[str]:
    """Ids of the settings that can be nothing else than they are in any recipe of this network."""
    found = {"lora_rank"} if not abilities.has_attention else set()
    return frozenset(found | {"pooling"} if len(abilities.poolings) < 2 else found)


def refusals(recipe: Recipe, abilities: Abilities) -> dict[str, TLStudioError]:
    """Ids of the settings that the recipe's network certainly does not allow as they are, each with the reason."""
    part = recipe.finetune
    if part is None or part.lora is None:
        return {}
    problem = lora_refusal(recipe.network.architecture, abilities.stage_adapters, num_stages=part.num_stages)
    return {} if problem is None else {"lora_rank": problem}


def lora_refusal(architecture: str, stage_adapters: Sequence[int], *, num_stages: int) -> TLStudioError | None:
    """Why adapters cannot train in the last `num_stages` stages; None where they can."""
    if any(stage_adapters[-num_stages:]):
        return None
    if any(stage_adapters):
        title = (
            message("lora.stage", "The last stage of {name} has no attention to adapt.", name=architecture)
            if num_stages == 1
            else message(
                "lora.stages", "None of the last {number} stages of {name} has attention to adapt.", number=num_stages, name=architecture
            )
        )
        return TLStudioError(
            title,
            message("lora.stages.hint", "Nothing was trained. Let more stages train, or set the LoRA rank to none."),
        )
    return TLStudioError(
        message("lora.network", "LoRA is for transformers: {name} has no attention layers to adapt.", name=architecture),
        message("lora.network.hint", "Nothing was trained. Set the LoRA rank to none, or choose a vision transformer."),
    )


def pooling_refusal(architecture: str, pooling: Pooling) -> TLStudioError:
    """A way of pooling that leaves the network's weights without a place, or that it does not know."""
    words = next((choice.label for choice in POOLINGS if choice.value == pooling), pooling)
    return TLStudioError(
        message("pooling.not_allowed", '{name} cannot pool its features as "{pooling}".', name=architecture, pooling=words),
        message("pooling.not_allowed.hint", "Nothing was trained. Set the pooling to that of the weights, or choose another one."),
    )
