"""What of a network trains: the head and the last stages as groups of the optimizer, each with its learning rate, open or closed."""

from typing import Any

from torch.optim import Optimizer

from tlstudio.domain.recipe import FineTunePart
from tlstudio.domain.stage_rates import rates_of_stages
from tlstudio.engine.models import lora
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import last_stages

HEAD_STAGE = 0
"""The `stage` of the head's groups; the network's last stage has 1, the one before it 2."""


def make_groups(network: Network, part: FineTunePart, *, seed: int) -> list[dict[str, Any]]:
    """Parameter groups: the head first, then the last stages, each with its learning rate; all are open.

    Everything else is frozen. Weights decay; biases, norms and other vectors do not.
    """
    network.requires_grad_(False)
    stages = last_stages(network.backbone, part.num_stages)
    if part.lora is not None:
        stages = tuple(lora.put_in(network.backbone, part.lora, stage, seed=seed) for stage in stages)
    parameters = dict(network.named_parameters())
    head = tuple(name for name in parameters if name.startswith("head."))
    groups: list[dict[str, Any]] = []
    of_stages = (head, *(_in_backbone(stage) for stage in stages))
    for stage, (names, rate) in enumerate(zip(of_stages, rates(part, len(stages)), strict=True)):
        for is_matrix in (True, False):
            chosen = [parameters[name].requires_grad_(True) for name in names if (parameters[name].ndim > 1) is is_matrix]
            if chosen:
                decay = part.weight_decay if is_matrix else 0.0
                groups.append({"params": chosen, "lr": rate, "base": rate, "weight_decay": decay, "stage": stage})
    return groups


def rates(part: FineTunePart, num_stages: int) -> tuple[float, ...]:
    """Learning rates of the head and of `num_stages` stages, the last one first."""
    return part.learning_rate, *rates_of_stages(part, num_stages)


def open_stages(optimizer: Optimizer, number: int) -> int:
    """Let the head and the last `number` stages train and no other; returns how many numbers train.

    A weight of a closed stage gets no gradient, and AdamW passes over what has none: neither decay nor momentum moves it.
    """
    num_trainable = 0
    for group in optimizer.param_groups:
        is_open = group["stage"] <= number
        for parameter in group["params"]:
            parameter.requires_grad_(is_open)
            num_trainable += parameter.numel() if is_open else 0
    return num_trainable


def _in_backbone(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"backbone.{name}" for name in names)
