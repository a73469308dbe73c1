"""Measure every architecture of timm's registry on the meta device: no memory for weights, no arithmetic, no network.

    python packaging/catalogue/measure.py MEASURED.jsonl

Appends one JSON line an architecture; those already in the file are skipped, so it can be stopped and started again.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import timm
import torch
from stage_costs import StageCosts, stage_costs
from timm.models import model_entrypoint
from torch.utils.flop_counter import FlopCounterMode

from tlstudio.engine.models import lora
from tlstudio.engine.models.stages import stages_of

OTHER_NUM_CLASSES = 7
"""A second model with so many classes shows which tensors depend on their number."""
_FAILURES = (RuntimeError, NotImplementedError, TypeError, ValueError, AssertionError, IndexError, AttributeError)
"""What networks raise that cannot run on the meta device."""


def build(name: str, **arguments: Any) -> Any:
    """The network without memory behind its tensors."""
    with torch.device("meta"):
        return timm.create_model(name, pretrained=False, **arguments).eval()


def shapes(model: torch.nn.Module) -> dict[str, list[int]]:
    """What a file of its weights would hold."""
    return {key: list(tensor.shape) for key, tensor in model.state_dict().items()}


def classifier_of(name: str, own: dict[str, list[int]], kept: dict[str, list[int]]) -> dict[str, bool]:
    """The tensors that are gone where there are no classes -> whether their shape depends on the number of classes.

    For a network that comes without a classifier: those it gets with one.
    """
    other = shapes(build(name, num_classes=OTHER_NUM_CLASSES))
    depends = {key: own.get(key) != other.get(key) for key in {**other, **own}}
    return {key: value for key, value in depends.items() if value or key not in kept}


def count_macs(model: torch.nn.Module, input_size: tuple[int, int, int]) -> tuple[int, str]:
    """Multiply-accumulates of the convolutions, matrix products and attention of one image; 0 and the reason where it fails."""
    problem = ""
    for with_gradient in (False, True):  # the counter's hooks need gradients where a module hands its input on (CaiT)
        try:
            with torch.device("meta"), torch.set_grad_enabled(with_gradient), FlopCounterMode(display=False) as counter:
                model(torch.empty((1, *input_size)))
            return counter.get_total_flops() // 2, ""
        except _FAILURES as error:
            problem = f"{type(error).__name__}: {str(error)[:200]}"
    return 0, problem


def measure(name: str) -> dict[str, Any]:
    """Everything about one architecture that needs the network itself."""
    model, backbone = build(name), build(name, num_classes=0)
    input_size = tuple(model.pretrained_cfg["input_size"])
    own, kept = shapes(model), shapes(backbone)
    macs, problem = count_macs(model, input_size)
    stages = stages_known(backbone)
    costs, stage_problem = count_stages(backbone, stages, input_size)
    sizes = {key: parameter.numel() for key, parameter in backbone.named_parameters()}
    return {
        "name": name,
        "module": model_entrypoint(name).__module__.rpartition(".")[2],
        "input_size": input_size,
        "num_features": int(getattr(backbone, "head_hidden_size", None) or backbone.num_features),
        "macs": macs,
        "macs_problem": problem or stage_problem,
        "num_parameters": sum(sizes.values()),
        "stages": [sum(sizes[key] for key in stage) for stage in stages],
        "stage_macs": costs.macs,
        "stage_outputs": costs.outputs,
        "stage_kept": costs.kept,
        "stage_adapters": adapters_of(backbone) if stages else [],
        "classifier": classifier_of(name, own, kept),
        "tensors": own,
    }


def stages_known(backbone: torch.nn.Module) -> tuple[tuple[str, ...], ...]:
    """The stages as the engine divides the network; empty where timm has no such grouping of it."""
    try:
        return stages_of(backbone)
    except AssertionError:
        return ()


def adapters_of(backbone: torch.nn.Module) -> list[int]:
    """Layers of each stage that adapters can be given to; nothing where no stage has any."""
    layers = lora.layers_by_stage(backbone)
    return list(layers) if any(layers) else []


def count_stages(
    backbone: torch.nn.Module, stages: tuple[tuple[str, ...], ...], input_size: tuple[int, int, int]
) -> tuple[StageCosts, str]:
    """What each stage costs; nothing and the reason where it cannot be counted."""
    if not stages:
        return StageCosts([], [], []), "no stages"
    try:
        return stage_costs(backbone, stages, input_size), ""
    except _FAILURES as error:
        return StageCosts([], [], []), f"stages: {type(error).__name__}: {str(error)[:200]}"


def todo(file: Path) -> Iterator[str]:
    """The architectures that are not in `file` yet, in the registry's order."""
    done = set()
    if file.exists():
        done = {json.loads(line)["name"] for line in file.read_text(encoding="utf-8").splitlines()}
    yield from (name for name in timm.list_models() if name not in done)


def main() -> None:
    """Measure what is missing."""
    torch.set_num_threads(1)
    file = Path(sys.argv[1])
    with open(file, "a", encoding="utf-8") as out:
        for name in todo(file):
            row = measure(name)
            out.write(json.dumps(row) + "\n")
            out.flush()
            print(name, row["macs_problem"], flush=True)


if __name__ == "__main__":
    main()
