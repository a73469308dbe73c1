"""Measure torchvision's classifiers, so that a file of theirs is named even where no architecture of timm fits it.

python packaging/catalogue/measure_foreign.py FOREIGN.jsonl
"""

import json
import sys
from pathlib import Path

import torch
from torchvision.models import get_model, get_model_builder, list_models

_NO_INIT = ("googlenet", "inception_v3")
"""These fill their weights slowly at build unless they are told not to."""


def shapes(name: str, num_classes: int) -> dict[str, list[int]]:
    """What a file of its weights would hold. RegNets compute their widths with tensors, so that they need real ones."""
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        arguments = {"init_weights": False} if name in _NO_INIT else {}
        model = get_model(name, weights=None, num_classes=num_classes, **arguments)
    return {key: list(tensor.shape) for key, tensor in model.state_dict().items()}


def main() -> None:
    """One line an architecture: its tensors, and those that depend on the number of classes."""
    rows = []
    for name in list_models():
        if get_model_builder(name).__module__.rpartition(".")[0] != "torchvision.models":
            continue
        own, other = shapes(name, 1000), shapes(name, 7)
        classifier = {key: True for key, shape in own.items() if other.get(key) != shape}
        rows.append(json.dumps({"name": name, "library": "torchvision", "classifier": classifier, "tensors": own}))
    Path(sys.argv[1]).write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
