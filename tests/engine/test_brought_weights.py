"""Weights as people bring them, from the file to the features: other classes, grey images, torchvision's networks trained and exported."""

from pathlib import Path

import onnxruntime
import pytest
import timm
import torch
from test_export import export, train
from torchvision.models import get_model

from tests.conftest import MakeImages
from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker
from tlstudio.engine.models.create import create, find_source
from tlstudio.operations import weights
from tlstudio.zoo.library import Library

SMALL = "torchvision/squeezenet1_1"


def _brought(file: Path, checkpoint: object) -> NetworkPart:
    """A checkpoint that went the whole way into the library."""
    torch.save(checkpoint, file)
    card = weights.import_weights(weights.inspect_weights(file))
    return NetworkPart(architecture=card.architecture, weights=card.hash)


def test_other_classes_and_a_prefix_leave_every_tensor_of_the_network_as_it_was(tmp_path: Path) -> None:
    theirs = timm.create_model("test_resnet", num_classes=37).eval()
    part = _brought(tmp_path / "lab.pth", {"model": {f"module.{name}": tensor for name, tensor in theirs.state_dict().items()}})
    assert part.weights is not None
    network = create(find_source(part, weights_file=Library().file_of(part.weights), seed=0))
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        expected = theirs.forward_head(theirs.forward_features(network.prepare(images)), pre_logits=True)
        torch.testing.assert_close(network.features(images), expected, atol=1e-5, rtol=1e-4)


def test_a_network_for_grey_images_sees_a_grey_image_as_it_did(tmp_path: Path) -> None:
    theirs = timm.create_model("test_vit", num_classes=3, in_chans=1).eval()
    part = _brought(tmp_path / "grey.pth", theirs.state_dict())
    assert part.weights is not None
    network = create(find_source(part, weights_file=Library().file_of(part.weights), seed=0))
    grey = torch.rand(2, 1, 160, 160)
    with torch.no_grad():
        expected = theirs.forward_head(theirs.forward_features(grey), pre_logits=True)
        torch.testing.assert_close(network.backbone(grey.repeat(1, 3, 1, 1)), expected, atol=1e-4, rtol=1e-3)


def test_a_head_is_solved_on_weights_for_grey_images(tmp_path: Path, make_images: MakeImages) -> None:
    images = make_images({"bars": 10, "discs": 10})
    part = _brought(tmp_path / "grey.pth", timm.create_model("test_resnet", num_classes=9, in_chans=1).state_dict())
    assert part.weights is not None
    recipe = Recipe(name="quick", network=part)
    folder = write_training(tmp_path, recipe, manifest_of(images), images=images, weights_file=Library().file_of(part.weights))
    assert worker.run_job(folder) == 0
    assert state_of(folder).status is Status.FINISHED


@pytest.mark.parametrize("finetune", [False, True], ids=["quick", "balanced"])
def test_a_network_of_torchvision_is_trained_and_exported_with_the_same_answers(
    tmp_path: Path, make_images: MakeImages, finetune: bool
) -> None:
    images = make_images({"bars": 10, "discs": 10})
    train(tmp_path, images, architecture=SMALL, finetune=finetune)
    code, folder = export(tmp_path, images, tmp_path / "model.onnx")
    assert (code, state_of(folder).status) == (0, Status.FINISHED), "every image was compared before it was handed over"
    assert onnxruntime.InferenceSession(tmp_path / "model.onnx").get_inputs()[0].name == "image"


def test_a_checkpoint_of_torchvision_goes_the_same_way(tmp_path: Path) -> None:
    theirs = get_model("squeezenet1_1", weights=None, num_classes=5).eval()
    part = _brought(tmp_path / "squeeze.pt", theirs.state_dict())
    assert part.architecture == SMALL
    assert weights.list_weights()[-1].num_classes == 5
