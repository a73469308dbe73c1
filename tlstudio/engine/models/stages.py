"""Any network of timm as an ordered list of stages, from the input to the last one before the head.

timm says of every network which parameters belong to the same depth (`group_matcher`, used for layer-wise learning rates).
`coarse=True` gives stages for convolutional networks (stem, stage 1, …) and single blocks for transformers; the final norm or
the last convolution before pooling belongs to the last of them. Groups are merged in one case only: a trailing group without a block of
its own (a lone norm) joins the one before it, so that "the last stage" always is a piece of network worth training.
"""

from typing import Any, cast

from timm.models import group_parameters
from torch import nn

_MIN_SHARE = 0.004
"""A trailing group with a smaller share of the parameters is no stage of its own."""


def stages_of(backbone: nn.Module) -> tuple[tuple[str, ...], ...]:
    """Parameter names by stage, in the order the image passes them; one stage where timm names no groups."""
    names = [name for name, _parameter in backbone.named_parameters()]
    groups = _groups(backbone)
    if not groups:
        return (tuple(names),)
    stages = [tuple(groups[key]) for key in sorted(groups)]
    grouped = {name for stage in stages for name in stage}
    rest = tuple(name for name in names if name not in grouped)
    stages = [stage for stage in (*stages[:-1], (*stages[-1], *rest)) if stage]
    return tuple(_merged_tail(backbone, stages))


def last_stages(backbone: nn.Module, number: int) -> tuple[tuple[str, ...], ...]:
    """The last `number` stages, the last one first; all of them where there are no more."""
    return tuple(reversed(stages_of(backbone)[-number:]))


def _groups(backbone: nn.Module) -> dict[int, list[str]]:
    """Parameter names by depth as timm says; a few families know single layers only, a few nothing at all."""
    for coarse in (True, False):
        try:
            matcher = cast(Any, backbone).group_matcher(coarse=coarse)
            groups: dict[int, list[str]] = group_parameters(backbone, matcher)
        except (AttributeError, AssertionError, NotImplementedError):
            continue
        return groups
    return {}


def _merged_tail(backbone: nn.Module, stages: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    sizes = {name: parameter.numel() for name, parameter in backbone.named_parameters()}
    total = sum(sizes.values())
    while len(stages) > 1 and sum(sizes[name] for name in stages[-1]) < _MIN_SHARE * total:
        *front, before, tail = stages
        stages = [*front, (*before, *tail)]
    return stages
