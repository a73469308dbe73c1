"""Whether a network can learn from smaller images than it is to judge: tried, because nothing else says so of all of them."""

import torch

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.view_sizes import view_sizes
from tlstudio.engine.models.network import Network
from tlstudio.log import logger
from tlstudio.messages import Message, message

log = logger(__name__)


def growing_sizes(network: Network, recipe: Recipe, *, size_px: int) -> tuple[tuple[int, ...], Message | None]:
    """Sizes of training images by epoch, empty where they do not grow, and a word to say where the recipe wants what cannot be."""
    sizes = view_sizes(recipe.finetune, size_px) if recipe.finetune is not None else ()
    smaller = sorted(set(sizes) - {size_px})
    if not smaller:
        return (), None
    if all(_takes(network, size) for size in smaller):
        return sizes, None
    text = "{name} takes images of {size} pixels only, so training begins with the whole size."
    return (), message("train.one_size", text, name=recipe.network.architecture, size=size_px)


def _takes(network: Network, size_px: int) -> bool:
    images = torch.zeros((1, size_px, size_px, 3), dtype=torch.uint8, device=network.scale.device)
    try:
        with torch.inference_mode():
            network.features(images)
    except Exception as error:  # whatever a network of timm says to a size that it was not made for
        log.info("%s does not take %d pixels: %s", type(network.backbone).__name__, size_px, error)
        return False
    return True
