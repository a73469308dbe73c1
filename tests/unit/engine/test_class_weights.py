"""The loss of a training whose classes count by how rare they are."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.engine.folders import entry
from tlstudio.domain.manifest import Manifest, ManifestClass
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.splits import Split
from tlstudio.engine.gate import Gate
from tlstudio.engine.tasks.classification import Classification

CLASSES = tuple(ManifestClass(index=index, id=str(index), name=str(index)) for index in range(2))
ENTRIES = tuple(entry(number, str(Path("x") / f"{number}.png"), "", int(number == 3), Split.TRAIN) for number in range(4))
LOGITS = torch.tensor([[1.0, -1.0], [0.5, 0.25]])


@pytest.mark.parametrize("targets", [torch.tensor([0, 1]), torch.tensor([[0.25, 0.75], [1.0, 0.0]])])
def test_weighted_classes_have_the_same_loss_in_half_the_precision(targets: Tensor) -> None:
    recipe = Recipe(name="custom", network=NetworkPart(architecture="test_resnet"), class_balance="weighted")
    task = Classification(Manifest(classes=CLASSES, entries=ENTRIES), recipe, Gate())
    exact = task.loss(LOGITS, targets, smoothing=0.05)
    half = task.loss(LOGITS.bfloat16(), targets, smoothing=0.05)
    assert half.dtype == torch.float32
    assert half == exact, "these logits are the same numbers in bfloat16"
