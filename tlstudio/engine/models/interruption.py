"""Lets a long forward or backward pass be left in the middle, so that pause and stop are obeyed within a second on any network."""

from typing import Any

from torch import Tensor, nn

from tlstudio.engine.gate import Gate


class Interrupted(Exception):
    """The pass was left because something was asked; nothing of it counts, the same batch is computed again."""


def make_interruptible(network: nn.Module, gate: Gate) -> None:
    """Ask the gate before each layer and, on the way back, behind each. Costs microseconds, changes no number."""

    def before(_module: nn.Module, _inputs: Any) -> None:
        if not gate.is_open:
            raise Interrupted

    def after(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(on_the_way_back)  # type: ignore[no-untyped-call]

    def on_the_way_back(_gradient: Tensor) -> None:
        if not gate.is_open:
            raise Interrupted

    for module in network.modules():
        if any(True for _parameter in module.parameters(recurse=False)):
            module.register_forward_pre_hook(before)
            module.register_forward_hook(after)
