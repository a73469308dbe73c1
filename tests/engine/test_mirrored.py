"""Judged by an image and its mirror image: one path for validation, prediction, live model and export; training sees single views."""

import json
from collections.abc import Callable, Generator
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
import torch

from tests.engine.answers import predicted_and_validated
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.engine.test_export import export
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Environment
from tlstudio.domain.model_card import ModelCard
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import FineTunePart, HeadKind, HeadPart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.serving import HeadJudged, JudgeHead
from tlstudio.domain.splits import Split
from tlstudio.engine import worker
from tlstudio.engine.build import build, exam
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.data.features import Features
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import read_job
from tlstudio.engine.live import LiveModel
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.split import Split as Halves
from tlstudio.evaluation import predictions

PART = FineTunePart(epochs=2, batch_size=8, learning_rate=3e-3, patience=0, num_views=2)


def recipe(finetune: FineTunePart | None = PART, *, head: HeadKind = "linear", judged_views: str = "mirrored") -> Recipe:
    return Recipe(
        name="custom",
        network=NetworkPart(architecture="test_resnet", input_size_px=64),
        head=HeadPart(kind=head, penalties=(0.01, 0.1)),
        finetune=finetune,
        augmentation="light",
        judged_views=judged_views,  # type: ignore[arg-type]
        device="cpu",
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def train(images: Path, project: Path) -> Callable[..., Path]:
    def run(asked: Recipe, number: int = 1) -> Path:
        folder = write_training(project, asked, manifest_of(images), images=images, number=number)
        assert worker.run_job(folder) == 0
        return folder

    return run


def features_of(network: Network, pixels: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """As the backbone sees the images, and their mirror images."""
    with torch.inference_mode():
        return network.one_view(pixels).numpy(), network.one_view(pixels.flip(2)).numpy()


def test_features_are_the_mean_of_both_and_a_training_step_sees_one(train) -> None:
    network, _card = open_run(train(recipe(None)))
    pixels = torch.randint(0, 256, (5, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    plain, turned = features_of(network, pixels)
    with torch.inference_mode():
        np.testing.assert_array_equal(network.features(pixels).numpy(), (plain + turned) / 2)
        assert not np.allclose(plain, turned)
        assert torch.equal(network.features(pixels), network.features(pixels.flip(2))), "an image and its mirror image are one"
        np.testing.assert_array_equal(network(pixels).numpy(), network.judge(torch.from_numpy(plain)).numpy())
        both = (network.judge(torch.from_numpy(plain)) + network.judge(torch.from_numpy(turned))) / 2
        np.testing.assert_allclose(network.judge(network.features(pixels)).numpy(), both.numpy(), atol=1e-4)


@pytest.mark.parametrize("part", [None, PART])
def test_files_are_answered_to_the_last_bit_as_in_the_run(train, project: Path, images: Path, part: FineTunePart | None) -> None:
    """Both fold batch norms: what is judged by two views, too."""
    run = train(recipe(part))
    predicted, validated = predicted_and_validated(run, project=project, images=images)
    np.testing.assert_array_equal(predicted, validated)


@pytest.mark.parametrize("num_views", [0, 2])
def test_what_is_validated_is_what_is_predicted(train, images: Path, num_views: int) -> None:
    """With and without frozen stages whose activations are kept, for both views of an image."""
    folder = train(recipe(msgspec.structs.replace(PART, num_views=num_views)))
    state = state_of(folder)
    assert state.plan is not None
    assert state.plan.num_views == num_views
    assert state.summary is not None
    read = predictions.read(folder / "predictions/predictions.safetensors").of(Split.VAL)
    chosen = predictions.softmax(read.logits)[np.arange(len(read.targets)), read.targets]
    assert -np.log(chosen).mean() == pytest.approx(state.summary.loss, rel=1e-4)
    network, card = open_run(folder)
    assert network.is_mirrored
    assert card.judged_views == "mirrored"


def test_kept_activations_change_no_bit_and_are_computed_once(images: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_training(project, recipe(), manifest_of(images), images=images)
    training = build(read_job(folder, gate=Gate(), history=()))
    assert training.frozen is not None
    passed: list[int] = []
    honest = Halves.before

    def before(self: Halves, given: torch.Tensor) -> torch.Tensor:
        passed.append(len(given))
        return honest(self, given)

    monkeypatch.setattr(Halves, "before", before)
    judging = [entry for entry in training.entries if entry.split is Split.VAL]
    first, second = (drained(exam(training, frozen=training.frozen).sit(judging)) for _time in range(2))
    assert passed == [len(judging)] * 2, "once the images, once their mirror images"
    whole = drained(exam(training).sit(judging))
    np.testing.assert_array_equal(first.values, whole.values)
    np.testing.assert_array_equal(second.values, whole.values)
    training.network.is_mirrored = False
    assert not np.allclose(drained(exam(training, frozen=training.frozen).sit(judging)).values, whole.values)
    assert len(passed) == 2, "those of the images themselves are there"


def drained(sitting: Generator[ev.AnyEvent, None, Features]) -> Features:
    while True:
        try:
            next(sitting)
        except StopIteration as end:
            features: Features = end.value
            return features


def test_features_of_one_kind_are_not_taken_for_the_other(train) -> None:
    plain = train(recipe(None, judged_views="one"))
    turned = train(recipe(None), number=2)
    again = train(recipe(None), number=3)
    heads = [next(event for event in events_of(folder) if isinstance(event, ev.HeadSolved)) for folder in (plain, turned, again)]
    assert [item.num_cached for item in heads] == [0, 0, 24]
    assert heads[1].validation_loss == heads[2].validation_loss != heads[0].validation_loss


def test_the_live_model_judges_in_the_same_way(train, project: Path, images: Path) -> None:
    folder = train(recipe(None))
    state = state_of(folder)
    assert state.summary is not None
    manifest = manifest_of(images)
    judging = msgspec.structs.replace(manifest, entries=tuple(item for item in manifest.entries if item.split is not Split.TEST))
    environment = Environment(roots={"1": str(images)}, project_folder=str(project), cache_folder=str(project / "cache"), threads=1)
    request = JudgeHead(run_folder=str(folder), environment=environment, manifest=judging, chooses=True)
    answer = LiveModel(request).answer(request)
    assert isinstance(answer, HeadJudged), "all features are known"
    assert answer.loss == pytest.approx(state.summary.loss, rel=1e-2)


@pytest.mark.parametrize("head", ["linear", "cosine"])
def test_the_export_answers_as_the_program_does(train, project: Path, images: Path, tmp_path: Path, head: HeadKind) -> None:
    train(recipe(None, head=head))
    output = tmp_path / "model.onnx"
    code, folder = export(project, images, output)
    assert code == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.compared is not None
    assert state.compared.max_difference <= 1e-4
    assert state.compared.num_same == state.compared.num_images > 0
    assert json.loads(output.with_name("model.onnx.json").read_bytes())["judged_views"] == "mirrored"
    said = {item.key: item.value for item in onnx.load(output).metadata_props}
    assert said["judged_views"] == "mirrored"


def test_a_card_of_before_is_one_of_single_views() -> None:
    card = msgspec.json.decode(
        b'{"task": "classification", "architecture": "a", "preprocessing": {}, "intensity": {}, "decoder_version": 1, "classes": [],'
        b'"num_features": 1, "weights": "w", "manifest": "m", "step": 0, "epoch": 0, "penalty": 1.0, "accuracy": 1.0,'
        b'"balanced_accuracy": 1.0, "loss": 0.1, "app_version": "0"}',
        type=ModelCard,
    )
    assert card.judged_views == "one"
    assert card.preprocessing == Preprocessing()
