"""What weights look like that fit no network here, so that a person knows why: from the names and shapes of their tensors alone."""

import re
from collections.abc import Callable

import msgspec

from tlstudio.messages import Message, message
from tlstudio.zoo.fingerprint import Shapes

_CONVOLUTION_RANK = 4
_RESIDUAL = re.compile(r"^layer(\d+)\.(\d+)\.conv\d\.weight$")


class LookSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row of LOOKS: what it is when some tensor is called so."""

    names: str
    """A pattern that the name of at least one tensor fits."""
    describe: Callable[[Shapes], Message]


def describe(shapes: Shapes) -> Message:
    """In a sentence what these tensors look like; the first row that fits."""
    for look in LOOKS:
        if any(re.search(look.names, name) for name in shapes):
            return look.describe(shapes)
    return _counts(shapes)


def _residual(shapes: Shapes) -> Message:
    """Blocks in stages, as ResNets have: how deep, how wide, for how many classes."""
    blocks = {found.groups() for name in shapes if (found := _RESIDUAL.match(name))}
    convolutions = [
        shape for name, shape in shapes.items() if len(shape) == _CONVOLUTION_RANK and not re.search("downsample|shortcut", name)
    ]
    linear = [shape for shape in shapes.values() if len(shape) == 2]
    return message(
        "looks.residual",
        "It looks like a ResNet of {depth} layers in {stages} stages, from {narrow} to {wide} channels, for {classes} classes; "
        "neither timm nor torchvision has that one.",
        depth=len(convolutions) + len(linear),
        stages=len({stage for stage, _block in blocks}),
        narrow=convolutions[0][0],
        wide=max(shape[0] for shape in convolutions),
        classes=linear[-1][0] if linear else 0,
    )


def _counts(shapes: Shapes) -> Message:
    return message(
        "looks.counts",
        "It holds {convolutions} convolutions and {linear} other matrices, {millions} million numbers in all.",
        convolutions=sum(len(shape) == _CONVOLUTION_RANK for shape in shapes.values()),
        linear=sum(len(shape) == 2 for shape in shapes.values()),
        millions=f"{sum(_num(shape) for shape in shapes.values()) / 1e6:.1f}",
    )


def _num(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def _fixed(text: Message) -> Callable[[Shapes], Message]:
    return lambda _shapes: text


LOOKS: tuple[LookSpec, ...] = (
    LookSpec(
        names=r"lora_(A|B|up|down)\b",
        describe=_fixed(message("looks.lora", "It looks like a LoRA adapter: small changes to another network, not a network.")),
    ),
    LookSpec(
        names=r"roi_heads|rpn\.|bbox_head|box_predictor|^model\.\d+\.cv\d\.",
        describe=_fixed(message("looks.detector", "It looks like an object detector; networks here are classifiers.")),
    ),
    LookSpec(
        names=r"decode_head|segmentation_head|mask_decoder|up_blocks\.",
        describe=_fixed(message("looks.decoder", "It looks like a network that makes images or masks; networks here are classifiers.")),
    ),
    LookSpec(
        names=r"embed_tokens|word_embeddings|token_embedding|wte\.weight",
        describe=_fixed(message("looks.language", "It looks like a network that reads text.")),
    ),
    LookSpec(
        names=r"attention\.attention\.(query|key|value)|(vit|deit|swin|convnext|resnet)\.embeddings\.",
        describe=_fixed(
            message("looks.transformers", "It looks like a network of the transformers library, which names its tensors another way.")
        ),
    ),
    LookSpec(names=_RESIDUAL.pattern, describe=_residual),
)
"""The first that fits is told."""
