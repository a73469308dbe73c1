"""Which passes of a training fold batch norms: as its recipe and its earlier attempts have it."""

from tlstudio.domain.plan import JUDGED_RULE, Plan
from tlstudio.domain.recipe import Recipe
from tlstudio.engine.models.folding import Folded, fold, is_on_processor
from tlstudio.engine.models.network import Network


def fold_as_planned(network: Network, recipe: Recipe, *, rule: int, size_px: int, before: Plan | None) -> Folded | None:
    """Have the network judge by `rule` while its weights change; returns how training steps run, None where as the network stands.

    Steps are folded wherever that was measured to be faster, everywhere but on a card of NVIDIA's, and as the attempt `before` did it.
    """
    steps = recipe.finetune is not None and network.scale.device.type != "cuda" and (before is None or before.folded)
    judges = rule >= JUDGED_RULE and is_on_processor(network)
    folded = fold(network, size_px=size_px) if steps or judges else None
    if folded is not None and judges:
        network.as_judged = folded.judging
    return folded if steps else None


def judged_rule(recipe: Recipe, *, before: Plan | None) -> int:
    """An attempt that goes on judges as the one before it did, a recipe of before version 3 by rule 1, every other by the newest."""
    if before is not None:
        return before.judged_rule
    return JUDGED_RULE if recipe.view_rule == 2 else 1
